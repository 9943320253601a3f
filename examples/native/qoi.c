/*
 * Encodes a picture as QOI, the "Quite OK Image" format (qoiformat.org/qoi-specification.pdf).
 *
 * Built by `sh examples/native/build.sh`, which needs clang and lld. No library is used: memory is grown by the page.
 */
typedef unsigned char byte;
typedef struct {
  byte r, g, b, a;
} pixel;

extern byte __heap_base;

/* Room for so many bytes, at the same place each time. */
byte *reserve(int bytes) {
  unsigned long end = (unsigned long)&__heap_base + bytes;
  unsigned long pages = __builtin_wasm_memory_size(0);
  if (end > pages * 65536) __builtin_wasm_memory_grow(0, (end - pages * 65536 + 65535) / 65536);
  return &__heap_base;
}

static byte *number(byte *out, unsigned value) {
  *out++ = value >> 24;
  *out++ = value >> 16;
  *out++ = value >> 8;
  *out++ = value;
  return out;
}

static int same(pixel one, pixel other) {
  return one.r == other.r && one.g == other.g && one.b == other.b && one.a == other.a;
}

/* Encodes RGBA pixels; returns how many bytes were written, at most 14 + 5 for each pixel + 8. */
int encode(const pixel *pixels, int width, int height, byte *start) {
  byte *out = start;
  *out++ = 'q', *out++ = 'o', *out++ = 'i', *out++ = 'f';
  out = number(number(out, width), height);
  *out++ = 4, *out++ = 0;
  pixel seen[64] = {{0}};
  pixel last = {0, 0, 0, 255};
  int run = 0;
  for (int at = 0; at < width * height; at++) {
    pixel now = pixels[at];
    if (same(now, last)) {
      if (++run == 62) *out++ = 0xc0 | (run - 1), run = 0;
      continue;
    }
    if (run > 0) *out++ = 0xc0 | (run - 1), run = 0;
    int place = (now.r * 3 + now.g * 5 + now.b * 7 + now.a * 11) % 64;
    signed char dr = now.r - last.r, dg = now.g - last.g, db = now.b - last.b;
    signed char drg = dr - dg, dbg = db - dg;
    if (same(seen[place], now)) {
      *out++ = place;
    } else if (now.a != last.a) {
      *out++ = 0xff, *out++ = now.r, *out++ = now.g, *out++ = now.b, *out++ = now.a;
    } else if (dr >= -2 && dr <= 1 && dg >= -2 && dg <= 1 && db >= -2 && db <= 1) {
      *out++ = 0x40 | (dr + 2) << 4 | (dg + 2) << 2 | (db + 2);
    } else if (dg >= -32 && dg <= 31 && drg >= -8 && drg <= 7 && dbg >= -8 && dbg <= 7) {
      *out++ = 0x80 | (dg + 32);
      *out++ = (drg + 8) << 4 | (dbg + 8);
    } else {
      *out++ = 0xfe, *out++ = now.r, *out++ = now.g, *out++ = now.b;
    }
    seen[place] = now;
    last = now;
  }
  if (run > 0) *out++ = 0xc0 | (run - 1);
  for (int n = 0; n < 7; n++) *out++ = 0;
  *out++ = 1;
  return out - start;
}
