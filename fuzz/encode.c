/* Forms, percent escapes, base64url: what is encoded reads back; what is decoded is no longer than it was. And text for
 * failures. */
#include "ground/encode.h"

#include "fuzz.h"
#include "ground/fault.h"

enum { most = 1 << 22 };

static void there_and_back (const char *text, size_t n, bool (*to)(al_buf *, const char *, size_t), bool plus) {
  al_buf coded = AL_BUF(most), plain = AL_BUF(most);
  must(to(&coded, text, n));
  for (size_t i = 0; i < coded.n; i++)
    must(coded.bytes[i] > 0x20 && coded.bytes[i] < 0x7F && strchr("&=#?\"\\", coded.bytes[i]) == NULL);
  must(al_decode_percent(&plain, al_buf_text(&coded), coded.n, plus));
  must(plain.n == n && (n == 0 || memcmp(plain.bytes, text, n) == 0));
  al_buf_dispose(&coded);
  al_buf_dispose(&plain);
}

static void base64url (const char *text, size_t n) {
  al_buf coded = AL_BUF(most), plain = AL_BUF(most), given = AL_BUF(most), again = AL_BUF(most);
  must(al_encode_base64url(&coded, text, n) && al_decode_base64url(&plain, al_buf_text(&coded), coded.n));
  must(plain.n == n && (n == 0 || memcmp(plain.bytes, text, n) == 0));
  if (al_decode_base64url(&given, text, n)) { /* one text for one value: nothing reads two ways */
    must(al_encode_base64url(&again, al_buf_text(&given), given.n) && again.n == n);
    must(n == 0 || memcmp(again.bytes, text, n) == 0);
  }
  al_buf_dispose(&coded);
  al_buf_dispose(&plain);
  al_buf_dispose(&given);
  al_buf_dispose(&again);
}

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n) {
  input in = input_of(bytes, n);
  size_t size;
  const char *text = input_rest(&in, &size);
  char shown[64];
  there_and_back(text, size, al_encode_form, true);
  there_and_back(text, size, al_encode_percent, false);
  base64url(text, size);
  al_buf plain = AL_BUF(most);
  if (al_decode_percent(&plain, text, size, true)) must(plain.n <= size);
  al_buf_dispose(&plain);
  for (size_t room = 1; room <= sizeof shown; room *= 4) {
    al_fault_text(shown, room, text, size);
    must(printable(shown, room));
  }
  input_over(&in);
  return 0;
}
