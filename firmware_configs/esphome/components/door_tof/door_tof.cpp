#include "door_tof.h"

#include <cinttypes>
#include <cstdio>

#include "esphome/core/hal.h"
#include "esphome/core/log.h"

namespace esphome::door_tof {

using anchang::Fault;

static const char *const TAG = "door_tof";
static constexpr uint32_t RETRY_MS = 2000;
static constexpr uint32_t REPEAT_MS = 60000;  // the agent's silent_seconds needs a sign of life in a quiet hour
static constexpr const char *const PROBLEMS[] = {"none", "silent", "unreadable", "covered", "blocked"};

static bool counts(Fault fault) { return fault == Fault::NONE || fault == Fault::BLOCKED; }

void DoorTof::setup() {
  // ESPHome's own pace, 16 ms a loop, would double the time between two looks at a zone.
  this->loops_.start();
  this->started_ = this->sensor_.begin();
  this->tried_at_ = millis();
}

void DoorTof::loop() {
  const uint32_t now = millis();
  if (this->started_)
    this->measure_(now);
  const Fault fault = this->doorway_.fault(now);
  if (fault == Fault::SILENT && now - this->tried_at_ > RETRY_MS) {
    this->started_ = this->sensor_.begin();
    this->tried_at_ = now;
  }
  if (fault != this->told_ || this->changed_ || now - this->told_at_ > REPEAT_MS) {
    this->told_ = fault;
    this->tell_(now);
  }
}

void DoorTof::measure_(uint32_t now) {
  anchang::Measurement measured{};
  bool ready = false;
  if (!this->sensor_.poll(&measured, &ready)) {
    this->started_ = false;
    return;
  }
  if (!ready)
    return;
  auto zone = measured.zone;
  if (this->turned_)
    zone = zone == anchang::Zone::OUTER ? anchang::Zone::INNER : anchang::Zone::OUTER;
  const auto passed = this->doorway_.measured(zone, measured.sight, measured.mm, now);
  this->total_in_ += passed.in;
  this->total_out_ += passed.out;
  this->changed_ |= passed.in != 0 || passed.out != 0;
}

// A sensor that cannot see says so in place of its totals: a total that merely stands still looks like a quiet door.
void DoorTof::tell_(uint32_t now) {
  this->changed_ = false;
  this->told_at_ = now;
  char total[11] = "nan";
  for (const auto &[sensor, value] : {std::pair{this->people_in_, this->total_in_}, {this->people_out_, this->total_out_}}) {
    if (counts(this->told_))
      snprintf(total, sizeof(total), "%" PRIu32, value);
    sensor->publish_state(total);
  }
  if (this->problem_ != nullptr)
    this->problem_->publish_state(PROBLEMS[static_cast<uint8_t>(this->told_)]);
}

void DoorTof::dump_config() {
  ESP_LOGCONFIG(TAG, "Door counter (VL53L1X):");
  LOG_I2C_DEVICE(this);
  ESP_LOGCONFIG(TAG, "  Sensor: %s", this->started_ ? "found" : "does not answer");
}

bool DoorTof::store(uint16_t reg, const uint8_t *data, size_t length) {
  return this->write_register16(reg, data, length) == i2c::ERROR_OK;
}

bool DoorTof::fetch(uint16_t reg, uint8_t *data, size_t length) {
  return this->read_register16(reg, data, length) == i2c::ERROR_OK;
}

}  // namespace esphome::door_tof
