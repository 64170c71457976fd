#pragma once

#include "doorway.h"
#include "vl53l1x.h"

#include "esphome/components/i2c/i2c.h"
#include "esphome/components/text_sensor/text_sensor.h"
#include "esphome/core/component.h"
#include "esphome/core/helpers.h"

namespace esphome::door_tof {

// Running totals since power-up, as text: a number of ESPHome is a float, exact up to 16,777,216 only.
class DoorTof : public Component, public i2c::I2CDevice, public anchang::Bus {
 public:
  explicit DoorTof(uint16_t person_mm) : doorway_(anchang::DoorwayLimits{person_mm}), sensor_(*this) {}

  void set_turned(bool turned) { this->turned_ = turned; }
  void set_people_in(text_sensor::TextSensor *sensor) { this->people_in_ = sensor; }
  void set_people_out(text_sensor::TextSensor *sensor) { this->people_out_ = sensor; }
  void set_problem(text_sensor::TextSensor *sensor) { this->problem_ = sensor; }

  void setup() override;
  void loop() override;
  void dump_config() override;
  float get_setup_priority() const override { return setup_priority::DATA; }

  bool store(uint16_t reg, const uint8_t *data, size_t length) override;
  bool fetch(uint16_t reg, uint8_t *data, size_t length) override;

 protected:
  void measure_(uint32_t now);
  void tell_(uint32_t now);

  anchang::Doorway doorway_;
  anchang::Vl53l1x sensor_;
  text_sensor::TextSensor *people_in_{nullptr};
  text_sensor::TextSensor *people_out_{nullptr};
  text_sensor::TextSensor *problem_{nullptr};
  HighFrequencyLoopRequester loops_;
  anchang::Fault told_{anchang::Fault::NONE};
  bool turned_{false};
  bool started_{false};
  bool changed_{true};
  uint32_t total_in_{0};
  uint32_t total_out_{0};
  uint32_t tried_at_{0};
  uint32_t told_at_{0};
};

}  // namespace esphome::door_tof
