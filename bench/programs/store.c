/*
 * The store's files by themselves: what one process does between another's renewals, thousands of times.
 *
 *   store FOLDER COUNT read|lock|save     prints: microseconds of CPU, of wall clock, peak KiB
 *
 * read: the record is read and understood. lock: the same under its lock, which is taken and given back. save: the
 * same, and it is written anew under the lock, with all that makes it last (fsync).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clocks.h"
#include "ground/limits.h"
#include "law/record.h"
#include "wire/store.h"

static const char name[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static void stop (const char *why) {
  fprintf(stderr, "store: %s\n", why);
  exit(1);
}

/* A token such as a server gives that signs it: a kilobyte. */
static void fill (al_record *r) {
  al_buf_adds(&r->issuer, "https://auth.example");
  al_buf_adds(&r->token_endpoint, "https://auth.example/oauth/token");
  al_buf_adds(&r->client_id, "bench");
  al_buf_adds(&r->grant, "authorization_code");
  al_buf_adds(&r->account, "alice");
  al_buf_adds(&r->login, name);
  for (int i = 0; i < 64; i++) al_buf_adds(&r->access_token, "eyJhbGciOiJSUzI1");
  al_buf_adds(&r->refresh_token, name);
  al_buf_adds(&r->clock, "0b5a1e0c-7d0b-4f7e-9a57-6d1f4f8a0c11 time:[4026531834]");
  r->generation = 7;
  r->obtained_at = 1700000000000;
  r->expires_at = 1700003600000;
  r->obtained_clock = 1000000;
  r->expires_clock = 4600000;
}

static void keep (const char *folder, const al_record *r, const al_lock *lock) {
  al_fault fault;
  al_buf text = AL_BUF_SECRET(AL_MAX_RECORD);
  if (!al_record_write(r, &text) || al_store_save(folder, name, &text, lock, &fault) != AL_STORE_FINE)
    stop("it can't be written");
  al_buf_dispose(&text);
}

static void turn (const char *folder, bool locks, bool saves) {
  al_fault fault;
  al_record r;
  al_lock lock = { .fd = -1 };
  al_buf text = AL_BUF_SECRET(AL_MAX_RECORD);
  al_record_init(&r);
  if (locks && al_store_lock(folder, name, &lock, &fault) != AL_STORE_FINE) stop("it can't be locked");
  if (al_store_load(folder, name, &text, &fault) != AL_STORE_FINE) stop("it can't be read");
  if (al_record_read(&r, al_buf_text(&text), text.n) != AL_RECORD_READ || r.generation != 7)
    stop("it isn't what was written");
  if (saves) keep(folder, &r, &lock);
  al_store_unlock(&lock);
  al_buf_dispose(&text);
  al_record_dispose(&r);
}

int main (int argc, char **argv) {
  al_fault fault;
  al_record r;
  al_lock lock = { .fd = -1 };
  if (argc != 4) return 2;
  bool saves = strcmp(argv[3], "save") == 0, locks = saves || strcmp(argv[3], "lock") == 0;
  al_record_init(&r);
  fill(&r);
  if (al_store_lock(argv[1], name, &lock, &fault) != AL_STORE_FINE) stop(fault.message);
  keep(argv[1], &r, &lock);
  al_store_unlock(&lock);
  al_record_dispose(&r);
  double cpu = cpu_us(), wall = wall_us();
  for (int i = atoi(argv[2]); i > 0; i--) turn(argv[1], locks, saves);
  tell(cpu, wall);
  return 0;
}
