#include "ground/printable.h"

size_t al_utf8 (const unsigned char *p, size_t n) {
  size_t size = p[0] < 0x80                   ? 1
                : p[0] >= 0xC2 && p[0] < 0xE0 ? 2
                : p[0] >= 0xE0 && p[0] < 0xF0 ? 3
                : p[0] >= 0xF0 && p[0] < 0xF5 ? 4
                                              : 0;
  if (size == 0 || size > n) return 0;
  for (size_t i = 1; i < size; i++)
    if ((p[i] & 0xC0) != 0x80) return 0;
  bool overlong = (p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xF0 && p[1] < 0x90);
  bool beyond = (p[0] == 0xED && p[1] >= 0xA0) || (p[0] == 0xF4 && p[1] >= 0x90);
  return overlong || beyond ? 0 : size;
}

uint32_t al_code_point (const unsigned char *p, size_t size) {
  static const unsigned char first[] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
  uint32_t c = p[0] & first[size];
  for (size_t i = 1; i < size; i++) c = c << 6 | (p[i] & 0x3F);
  return c;
}

bool al_hidden (uint32_t c) {
  static const struct {
    uint32_t from, to;
  } ranges[] = {
    { 0x00, 0x1F },       { 0x7F, 0x9F },       { 0xAD, 0xAD },       { 0x034F, 0x034F }, { 0x061C, 0x061C },
    { 0x115F, 0x1160 },   { 0x17B4, 0x17B5 },   { 0x180B, 0x180F },   { 0x200B, 0x200F }, { 0x2028, 0x202E },
    { 0x2060, 0x206F },   { 0x3164, 0x3164 },   { 0xFEFF, 0xFEFF },   { 0xFFA0, 0xFFA0 }, { 0xFFF0, 0xFFFB },
    { 0x1BCA0, 0x1BCA3 }, { 0x1D173, 0x1D17A }, { 0xE0000, 0xE0FFF },
  };
  for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
    if (c <= ranges[i].to) return c >= ranges[i].from;
  return false;
}
