// The counting logic of the door counter's firmware behind four C functions, for Python's ctypes.
#include "doorway.h"

extern "C" {
anchang::Doorway *doorway_new(uint16_t person_mm) { return new anchang::Doorway(anchang::DoorwayLimits{person_mm}); }
void doorway_delete(anchang::Doorway *doorway) { delete doorway; }
int doorway_measured(anchang::Doorway *doorway, uint8_t zone, uint8_t sight, uint16_t mm, uint32_t now) {
  const auto passed =
      doorway->measured(static_cast<anchang::Zone>(zone), static_cast<anchang::Sight>(sight), mm, now);
  return passed.in << 8 | passed.out;
}
int doorway_fault(const anchang::Doorway *doorway, uint32_t now) { return static_cast<int>(doorway->fault(now)); }
}
