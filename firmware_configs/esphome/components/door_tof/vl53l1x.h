// The VL53L1X over any I2C bus: start-up, one ranging of one of two zones at a time. No ESPHome, no waiting: `poll`
// answers at once. tests/firmware runs it against a simulated sensor.
//
// Registers: ST UM2510 «A guide to using the VL53L1X ultra lite driver» and its driver STSW-IMG009; values of the table
// and of the timing budgets as in adafruit-circuitpython-vl53l1x 1.2.9 (MIT, (c) 2017 Scott Shawcroft, (c) 2021 Carter
// Nelson, both for Adafruit Industries). Zones: ST UM2600.
#pragma once

#include <cstddef>
#include <cstdint>

#include "doorway.h"

namespace anchang {

class Bus {
 public:
  virtual ~Bus() = default;
  virtual bool store(uint16_t reg, const uint8_t *data, size_t length) = 0;
  virtual bool fetch(uint16_t reg, uint8_t *data, size_t length) = 0;
};

struct Measurement {
  Zone zone;
  Sight sight;
  uint16_t mm;
};

// Values of the registers from 0x2D to 0x87, as the maker's driver sets them: long distance, no interrupt pin needed.
static constexpr uint16_t FIRST_SETTING = 0x2D;
static constexpr uint8_t SETTINGS[91] = {
    0x00, 0x00, 0x00, 0x01, 0x02, 0x00, 0x02, 0x08, 0x00, 0x08, 0x10, 0x01, 0x01, 0x00, 0x00, 0x00,  // 0x2D
    0x00, 0xFF, 0x00, 0x0F, 0x00, 0x00, 0x00, 0x00, 0x00, 0x20, 0x0B, 0x00, 0x00, 0x02, 0x0A, 0x21,  // 0x3D
    0x00, 0x00, 0x05, 0x00, 0x00, 0x00, 0x00, 0xC8, 0x00, 0x00, 0x38, 0xFF, 0x01, 0x00, 0x08, 0x00,  // 0x4D
    0x00, 0x01, 0xCC, 0x0F, 0x01, 0xF1, 0x0D, 0x01, 0x68, 0x00, 0x80, 0x08, 0xB8, 0x00, 0x00, 0x00,  // 0x5D
    0x00, 0x0F, 0x89, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x0F, 0x0D, 0x0E, 0x0E, 0x00,  // 0x6D
    0x00, 0x02, 0xC7, 0xFF, 0x9B, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00,                                // 0x7D
};

class Vl53l1x {
 public:
  explicit Vl53l1x(Bus &bus) : bus_(bus) {}

  // False when no VL53L1X answers; call again later.
  bool begin() {
    uint8_t booted = 0, model[2] = {0, 0};
    ranging_ = false;
    return bus_.fetch(0x00E5, &booted, 1) && (booted & 1) != 0 && bus_.fetch(0x010F, model, 2) && model[0] == 0xEA &&
           model[1] == 0xCC && bus_.store(FIRST_SETTING, SETTINGS, sizeof(SETTINGS)) &&
           put_(0x0008, 0x09) && put_(0x000B, 0x00) &&      // calibrate temperature from the last one, not anew
           put16_(0x005E, 0x0060) && put16_(0x0061, 0x006E) &&  // 33 ms a ranging at long distance
           put_(0x0080, 0xF7);                              // a zone is 8 columns of 16
  }

  // Hands over a finished ranging and starts the one of the other zone. False: the bus does not answer.
  bool poll(Measurement *measured, bool *ready) {
    *ready = false;
    if (!ranging_)
      return start_(Zone::OUTER);
    uint8_t status = 0;
    if (!bus_.fetch(0x0031, &status, 1))
      return false;
    if ((status & 1) != 1)  // active high: the settings leave bit 4 of 0x30 at 0
      return true;
    uint8_t raw = 0, mm[2] = {0, 0};
    if (!bus_.fetch(0x0089, &raw, 1) || !bus_.fetch(0x0096, mm, 2) || !put_(0x0087, 0x00))
      return false;
    *ready = true;
    const uint16_t distance = static_cast<uint16_t>(mm[0] << 8 | mm[1]);
    *measured = Measurement{zone_, sight(raw & 0x1F), static_cast<uint16_t>((raw & 0x1F) == 8 ? 0 : distance)};
    return start_(zone_ == Zone::OUTER ? Zone::INNER : Zone::OUTER);
  }

  // Raw codes of register 0x89. 9 is a good distance, 8 a target too near to measure; 6, 4, 5 and 7 say that too little
  // light came back or from too far: a dark floor, not a person. Everything else is a fault of the device.
  static Sight sight(uint8_t raw) {
    switch (raw) {
      case 9:
      case 8:
        return Sight::DISTANCE;
      case 4:
      case 5:
      case 6:
      case 7:
        return Sight::NOTHING;
      default:
        return Sight::UNREADABLE;
    }
  }

 private:
  // The columns 1 to 8 and 9 to 16: centre 167 and 231 in ST's numbering of the 16 x 16 detectors.
  bool start_(Zone zone) {
    zone_ = zone;
    ranging_ = put_(0x007F, zone == Zone::OUTER ? 167 : 231) && put_(0x0086, 0x01) && put_(0x0087, 0x40);
    return ranging_;
  }

  bool put_(uint16_t reg, uint8_t value) { return bus_.store(reg, &value, 1); }
  bool put16_(uint16_t reg, uint16_t value) {
    const uint8_t bytes[2] = {static_cast<uint8_t>(value >> 8), static_cast<uint8_t>(value & 0xFF)};
    return bus_.store(reg, bytes, 2);
  }

  Bus &bus_;
  bool ranging_{false};
  Zone zone_{Zone::OUTER};
};

}  // namespace anchang
