#pragma once

#include <array>
#include <cstring>
#include <fstream>
#include <vector>

#include "esphome/components/i2c/i2c_bus.h"
#include "esphome/core/hal.h"

namespace esphome::stage {

// A VL53L1X as its registers show it: it answers at 0x29, ranges only when it was set up, takes 33 ms for it and looks
// with the half of its detectors that register 0x7F names. Lines of the scene: from which millisecond on, what the
// outer and the inner zone measure, and the raw status; status 0: the bus does not answer. It begins when it is built.
class Stage : public i2c::I2CBus {
 public:
  explicit Stage(const char *scene) {
    std::ifstream file(scene);
    for (Moment m; file >> m.ms >> m.mm[0] >> m.mm[1] >> m.status;)
      this->scene_.push_back(m);
    this->registers_[0xE5] = 1;
    this->registers_[0x10F] = 0xEA;
    this->registers_[0x110] = 0xCC;
  }

  i2c::ErrorCode write_readv(uint8_t address, const uint8_t *out, size_t out_count, uint8_t *in,
                             size_t in_count) override {
    const Moment now = this->now_();
    if (address != 0x29 || now.status == 0)
      return i2c::ERROR_NOT_ACKNOWLEDGED;
    if (out_count >= 2) {
      this->at_ = out[0] << 8 | out[1];
      for (size_t n = 2; n < out_count; n++)
        this->store_(this->at_ + n - 2, out[n], now);
    }
    if (in_count != 0)
      this->range_(now);
    for (size_t n = 0; n < in_count; n++)
      in[n] = this->registers_.at(this->at_ + n);
    return i2c::ERROR_OK;
  }

 protected:
  struct Moment {
    uint32_t ms;
    uint32_t mm[2];
    uint32_t status;
  };

  Moment now_() const {
    const uint32_t now = millis() - this->since_;
    Moment found{0, {2200, 2200}, 9};
    for (const auto &moment : this->scene_)
      if (moment.ms <= now)
        found = moment;
    found.ms = now;
    return found;
  }

  void store_(size_t reg, uint8_t value, const Moment &now) {
    this->registers_.at(reg) = value;
    if (reg == 0x87 && value == 0x40 && this->registers_[0x4B] == 0x0A && this->registers_[0x80] == 0xF7)
      this->ready_at_ = now.ms + 33;
    if (reg == 0x86)
      this->registers_[0x31] &= ~1;
  }

  void range_(const Moment &now) {
    if (this->ready_at_ == 0 || now.ms < this->ready_at_)
      return;
    this->ready_at_ = 0;
    const uint32_t mm = now.mm[this->registers_[0x7F] == 167 ? 0 : 1];
    this->registers_[0x31] |= 1;
    this->registers_[0x89] = now.status;
    this->registers_[0x96] = mm >> 8;
    this->registers_[0x97] = mm & 0xFF;
  }

  std::array<uint8_t, 0x200> registers_{};
  std::vector<Moment> scene_;
  uint32_t since_{millis()};
  size_t at_{0};
  uint32_t ready_at_{0};
};

}  // namespace esphome::stage
