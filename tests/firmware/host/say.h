#pragma once

#include <cstdio>
#include <string>

// What the firmware would publish, a line each.
inline void say(const char *name, const std::string &state) {
  printf("%s=%s\n", name, state.c_str());
  fflush(stdout);
}
