// From distances under a doorway's two zones to people walking in and out. No hardware, no clock, no ESPHome: the
// host's compiler builds it, and tests/firmware feeds it walks.
//
// The principle is ST's UM2600 «Counting people with the VL53L1X»: a person who walks in is seen by the outer zone, by
// both, by the inner zone, by none. Read as a ring of four states this is a quarter turn each time, so a whole turn is
// one person and a person who turns back unwinds what they wound. Three things are added to UM2600: two people close
// behind each other, a zone that loses a dark head for one measurement, and a sensor that fails while somebody is there.
#pragma once

#include <cstdint>

namespace anchang {

enum class Zone : uint8_t { OUTER = 0, INNER = 1 };

// What one measurement says: a distance, nothing within range, or nothing that can be believed.
enum class Sight : uint8_t { DISTANCE, NOTHING, UNREADABLE };

enum class Fault : uint8_t { NONE, SILENT, UNREADABLE, COVERED, BLOCKED };

struct Passage {
  uint8_t in{0};
  uint8_t out{0};
};

struct DoorwayLimits {
  uint16_t person_mm;              // nearer than this is a person
  uint16_t hysteresis_mm{60};      // this much farther is none any more
  uint16_t covered_mm{50};         // nearer than this for long is tape, paint or a cobweb on the glass
  uint8_t release{2};              // a zone is free after so many free measurements: dark hair swallows single ones
  uint8_t unreadable{20};          // so many unbelievable measurements in a row are a broken sensor
  uint32_t silent_ms{1000};        // no measurement for so long: the sensor is gone
  uint32_t follow_ms{600};         // from the inner zone back to the outer one in less is the next person, not the same
  uint32_t covered_for_ms{10000};  // a hand passes, tape stays
  uint32_t blocked_for_ms{60000};  // somebody stands there, or a door leaf
};

class Doorway {
 public:
  explicit Doorway(const DoorwayLimits &limits) : limits_(limits) {}

  // One measurement of one zone at `now` (milliseconds, may wrap); returns who has completely passed with it.
  Passage measured(Zone zone, Sight sight, uint16_t mm, uint32_t now) {
    if (heard_ && now - heard_at_ > limits_.silent_ms)
      forget_();
    heard_ = true;
    heard_at_ = now;
    if (sight == Sight::UNREADABLE) {
      if (unreadable_ < limits_.unreadable && ++unreadable_ == limits_.unreadable)
        forget_();
      return {};
    }
    unreadable_ = 0;
    watch_cover_(zone, sight == Sight::DISTANCE && mm < limits_.covered_mm, now);
    const bool person = sight == Sight::DISTANCE && mm < limits_.person_mm + (occupied_(zone) ? limits_.hysteresis_mm : 0);
    return settle_(zone, person, now);
  }

  // What is wrong at `now`. A silent or unreadable sensor counts nobody; a blocked doorway still does.
  Fault fault(uint32_t now) const {
    if (!heard_ || now - heard_at_ > limits_.silent_ms)
      return Fault::SILENT;
    if (unreadable_ >= limits_.unreadable)
      return Fault::UNREADABLE;
    if (covered_ != 0 && now - covered_since_ > limits_.covered_for_ms)
      return Fault::COVERED;
    if (state_ != 0 && now - changed_at_ > limits_.blocked_for_ms)
      return Fault::BLOCKED;
    return Fault::NONE;
  }

 private:
  static uint8_t bit_(Zone zone) { return zone == Zone::OUTER ? 1 : 2; }
  bool occupied_(Zone zone) const { return (state_ & bit_(zone)) != 0; }

  // Whoever stands there now was not seen coming: nobody is counted until both zones have been free.
  void forget_() {
    trusted_ = false;
    seen_free_ = 0;
    covered_ = 0;
    begin_();
  }

  void begin_() {
    phase_ = 0;
    followers_ = 0;
    retreating_ = following_ = false;
  }

  void watch_cover_(Zone zone, bool covered, uint32_t now) {
    const uint8_t before = covered_;
    covered_ = covered ? covered_ | bit_(zone) : covered_ & ~bit_(zone);
    if (before == 0 && covered_ != 0)
      covered_since_ = now;
  }

  Passage settle_(Zone zone, bool person, uint32_t now) {
    uint8_t &free_for = free_[static_cast<uint8_t>(zone)];
    free_for = person ? 0 : (free_for < limits_.release ? free_for + 1 : free_for);
    const bool occupied = person || (occupied_(zone) && free_for < limits_.release);
    const uint8_t before = state_;
    state_ = occupied ? state_ | bit_(zone) : state_ & ~bit_(zone);
    if (state_ != before)
      changed_at_ = now;
    if (!trusted_) {
      seen_free_ = occupied ? seen_free_ & ~bit_(zone) : seen_free_ | bit_(zone);
      trusted_ = seen_free_ == 3;
      return {};
    }
    return state_ == before ? Passage{} : turn_(before, now);
  }

  // A quarter turn: the outer zone alone is 1, both 2, the inner alone 3, and 4 is through; outwards with the sign changed.
  Passage turn_(uint8_t before, uint32_t now) {
    static constexpr int8_t POSITION[4] = {0, 1, 3, 2};
    const int8_t step = ((POSITION[state_] - POSITION[before] + 4) % 4) == 1 ? 1 : -1;
    const int8_t reached = far_(phase_);
    phase_ += step;
    watch_follower_(reached, far_(phase_), now);
    if (state_ != 0)
      return {};
    const bool through = far_(phase_) == 4;
    const uint8_t people = followers_ + (through ? 1 : 0);
    const Passage passed = inward_ ? Passage{people, 0} : Passage{0, people};
    begin_();
    return passed;
  }

  int8_t far_(int8_t phase) {
    if (phase != 0)
      inward_ = phase > 0;
    return phase < 0 ? -phase : phase;
  }

  // Back from the far zone to the near one in a moment, and on again: the first has gone, another follows closely.
  void watch_follower_(int8_t before, int8_t after, uint32_t now) {
    if (before == 3 && after == 2) {
      retreating_ = true;
      retreated_at_ = now;
    } else if (before == 2 && after == 1) {
      following_ = retreating_ && now - retreated_at_ <= limits_.follow_ms;
      retreating_ = false;
    } else if (before == 2 && after == 3) {
      if (following_ && followers_ < 100)
        ++followers_;
      retreating_ = following_ = false;
    }
  }

  DoorwayLimits limits_;
  bool heard_{false};
  bool trusted_{false};
  bool inward_{true};
  bool retreating_{false};
  bool following_{false};
  uint8_t state_{0};
  uint8_t seen_free_{0};
  uint8_t covered_{0};
  uint8_t unreadable_{0};
  uint8_t followers_{0};
  uint8_t free_[2]{0, 0};
  int8_t phase_{0};
  uint32_t heard_at_{0};
  uint32_t changed_at_{0};
  uint32_t covered_since_{0};
  uint32_t retreated_at_{0};
};

}  // namespace anchang
