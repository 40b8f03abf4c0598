#include "law/transaction.h"

#include <string.h>

#include "law/reconcile.h"

static al_reconcile *stored_of (const al_renewal *r) {
  return r->credential->stored;
}

static void step_to (al_renewal *r, al_stage stage) {
  r->stage = stage;
}

/* Over, as its done or its fault says; the lock is given back first. */
static void finish (al_renewal *r) {
  step_to(r, r->locked ? AL_STAGE_UNLOCK : AL_STAGE_OVER);
}

/* A renewal that was done stays so, unless a refresh token is at stake. */
static void fail (al_renewal *r, const al_fault *why) {
  if (stored_of(r)->owed) r->done = false;
  if (!r->done) r->fault = *why;
  finish(r);
}

static void note (al_renewal *r, const char *name, const char *code) {
  al_client_note(r->client, name, 0, code, -1);
}

/* ---- what there is, and what to do about it ---- */

static bool changed (const al_renewal *r) {
  const al_reconcile *s = stored_of(r);
  return s->generation != r->base_generation || strcmp(s->login, r->base_login) != 0;
}

/* Where the program wants a new token, however fresh the old one, one that another process got meanwhile will do. */
static void set_base (al_renewal *r) {
  const al_reconcile *s = stored_of(r);
  if (r->base_generation > 0 || s->generation == 0) return;
  r->base_generation = s->generation;
  memcpy(r->base_login, s->login, sizeof r->base_login);
}

static bool satisfied (const al_renewal *r, int64_t now) {
  const al_credential *c = r->credential;
  if (c->token == NULL || c->stored->owed || c->stored->removing) return false;
  if (r->forced) return changed(r) && al_token_alive(c->token, now);
  return al_token_fresh(c->token, now);
}

/* An old token that still lives serves while somebody else renews it. */
static bool patient (const al_renewal *r, int64_t now) {
  const al_credential *c = r->credential;
  return r->forced || c->stored->owed || c->stored->removing || c->token == NULL || !al_token_alive(c->token, now);
}

static void nothing_to_ask_with (al_renewal *r) {
  const al_fault *dead = r->credential->dead;
  al_fault fault;
  if (dead == NULL)
    al_fault_set(&fault, AL_OAUTH, AL_INTERACTION, "login_required",
                 "there is no valid token, and nothing to get one with; the user must log in again");
  fail(r, dead != NULL ? dead : &fault);
}

void al_transaction_busy (al_fault *fault) {
  al_fault_set(
    fault, AL_STORE, AL_TRANSIENT, "locked",
    "another process is renewing this token and isn't done yet; try again (the record's lock couldn't be had in time)");
}

static void lock_is_busy (al_renewal *r) {
  al_fault fault;
  al_transaction_busy(&fault);
  fail(r, &fault);
}

bool al_transaction_waits (const al_renewal *r) {
  return r->poll_ms > 0 && !r->locked && (r->stage == AL_STAGE_LOCK || r->stage == AL_STAGE_LOOK);
}

/* The server asked to be left alone; true: this renewal waits for that, or is over because of it. */
static bool left_alone (al_renewal *r, int64_t now) {
  if (!al_renewal_asked_to_wait(r, now)) return false;
  if (r->fault.kind != AL_FINE) finish(r);
  return true;
}

static void looked (al_renewal *r, int64_t now) {
  if (satisfied(r, now)) {
    r->done = true;
    finish(r);
  } else if (!al_credential_renewable(r->credential)) nothing_to_ask_with(r);
  else if (now >= r->deadline) lock_is_busy(r);
  else if (!left_alone(r, now)) step_to(r, AL_STAGE_LOCK);
}

/* Under the lock: what is in memory is what counts now. */
static void resolve (al_renewal *r, int64_t now) {
  al_reconcile *s = stored_of(r);
  if (s->removing || s->owed || (s->unsaved && r->done)) step_to(r, AL_STAGE_SAVE);
  else if (satisfied(r, now)) {
    r->done = true;
    finish(r);
  } else if (!al_credential_renewable(r->credential)) nothing_to_ask_with(r);
  else {
    al_renewal_prepare(r, now);
    if (r->plea == AL_ASK_BY_REFRESH) s->begun = s->generation;
    step_to(r, r->plea == AL_ASK_BY_REFRESH ? AL_STAGE_MARK : AL_STAGE_ASK);
  }
}

/* ---- what the renewal asks ---- */

void al_transaction_begin (al_renewal *r, int64_t now) {
  const al_reconcile *s = stored_of(r);
  (void)now;
  set_base(r);
  if (s->removing || s->owed) step_to(r, AL_STAGE_LOCK);
  else if (r->credential->opening.n > 0)
    step_to(r, AL_STAGE_ASK); /* the user has just said so: nothing in the store counts */
  else step_to(r, AL_STAGE_LOOK);
}

/* Asked for before the lock is taken, as it may take its time. */
static bool needs_secret (const al_renewal *r) {
  const al_reconcile *s = stored_of(r);
  return !r->done && !s->removing && !s->owed && al_renewal_needs_secret(r);
}

al_next al_transaction_next (al_renewal *r, int64_t now) {
  if (r->stage == AL_STAGE_LOCK || r->stage == AL_STAGE_LOOK) {
    if (r->wait_until > now) return AL_NEXT_WAIT;
    r->wait_until = -1;
  }
  switch (r->stage) {
    case AL_STAGE_LOCK: return needs_secret(r) ? AL_NEXT_SECRET : AL_NEXT_LOCK;
    case AL_STAGE_ASIDE: return AL_NEXT_ASIDE;
    case AL_STAGE_MARK:
    case AL_STAGE_TELL:
    case AL_STAGE_BURY:
    case AL_STAGE_SAVE: return AL_NEXT_SAVE;
    case AL_STAGE_UNLOCK: return AL_NEXT_UNLOCK;
    case AL_STAGE_OVER: return r->done ? AL_NEXT_DONE : AL_NEXT_FAIL;
    default: return AL_NEXT_LOAD;
  }
}

void al_transaction_asked (al_renewal *r, int64_t now) {
  if (r->done && stored_of(r)->unsaved) {
    r->deadline = al_renewal_patience(r, now);
    step_to(r, r->locked ? AL_STAGE_SAVE : AL_STAGE_LOCK);
  } else if (!r->done && r->credential->dead != NULL && r->locked) step_to(r, AL_STAGE_BURY);
  else finish(r);
}

bool al_transaction_doubt (al_renewal *r) {
  if (r->doubted) return false;
  r->doubted = true;
  step_to(r, AL_STAGE_DOUBT);
  return true;
}

void al_transaction_tell (al_renewal *r) {
  if (r->locked) step_to(r, AL_STAGE_TELL);
}

/* ---- what the store answered ---- */

static void doubted (al_renewal *r, bool taken, int64_t now) {
  if (taken) {
    al_fault_clear(&r->fault);
    resolve(r, now);
    return;
  }
  al_renewal_refused(r);
  al_transaction_asked(r, now);
}

/* What can't be read for want of memory says nothing: nobody is dead for it, and nothing is put aside. */
static void starved (al_renewal *r) {
  al_fault fault;
  al_fault_set(&fault, AL_STORE, AL_TRANSIENT, "out_of_memory", "there is no memory left to read a token's record");
  note(r, "store_failed", fault.code);
  r->done = false;
  fail(r, &fault);
}

void al_transaction_loaded (al_renewal *r, const char *text, size_t n, const al_clocks *clocks) {
  al_record record;
  al_record_init(&record);
  al_readable readable = text != NULL ? al_record_read(&record, text, n) : AL_RECORD_READ;
  bool taken = text != NULL && readable == AL_RECORD_READ && al_reconcile_record(r->credential, &record, clocks);
  al_record_dispose(&record);
  if (readable == AL_RECORD_STARVED) {
    starved(r);
    return;
  }
  if (taken) note(r, "token_adopted", "");
  if (r->stage == AL_STAGE_LOOK) set_base(r);
  if (r->stage == AL_STAGE_DOUBT) doubted(r, taken, clocks->now);
  else if (r->stage == AL_STAGE_LOOK) looked(r, clocks->now);
  else if (readable != AL_RECORD_READ) {
    note(r, "store_set_aside", readable == AL_RECORD_FUTURE ? "future" : "corrupt");
    step_to(r, AL_STAGE_ASIDE);
  } else resolve(r, clocks->now);
}

/* Half as long again each time, and by chance shorter, so that a crowd spreads out. */
static int64_t next_poll (al_renewal *r, unsigned jitter) {
  r->poll_ms = r->poll_ms == 0 ? AL_LOCK_POLL_MS : r->poll_ms + (r->poll_ms + 1) / 2;
  if (r->poll_ms > AL_LOCK_MAX_POLL_MS) r->poll_ms = AL_LOCK_MAX_POLL_MS;
  return r->poll_ms / 2 + (int64_t)(jitter % (unsigned)(r->poll_ms / 2 + 1));
}

/* Not to the end of a short token's life: by then the new one is there, and whoever goes on with the old one comes too
 * late. */
static int64_t rest (const al_token *old, int64_t now) {
  int64_t left = old->expires_at - now;
  return left < 0 || left / 2 > AL_LOCK_REST_MS ? AL_LOCK_REST_MS : left / 2;
}

void al_transaction_locked (al_renewal *r, bool got, int64_t lease_ms, unsigned jitter, int64_t now) {
  r->locked = got;
  r->lease_until = lease_ms > 0 ? now + lease_ms : INT64_MAX;
  if (got) {
    step_to(r, AL_STAGE_CHECK);
    return;
  }
  if (!patient(r, now)) {
    stored_of(r)->retry_lock_at = now + rest(r->credential->token, now);
    lock_is_busy(r);
    return;
  }
  if (r->poll_ms == 0) note(r, "lock_wait", "");
  if (now >= r->deadline) {
    lock_is_busy(r);
    return;
  }
  r->wait_until = now + next_poll(r, jitter);
  if (r->wait_until > r->deadline) r->wait_until = r->deadline;
  /* whoever has it may be done, and then there is no need for it */
  if (!stored_of(r)->owed && !stored_of(r)->removing && r->credential->opening.n == 0) step_to(r, AL_STAGE_LOOK);
}

static void saved_all (al_renewal *r, int64_t now) {
  al_reconcile *s = stored_of(r);
  if (s->removing) {
    s->removing = false;
    nothing_to_ask_with(r);
    return;
  }
  s->unsaved = s->owed = s->opened = false;
  if (r->done) finish(r);
  else resolve(r, now);
}

/* The lease ran out: somebody else has renewed it, or is about to. Once the lock is ours again, the newer one counts.
 */
static void fenced (al_renewal *r, int64_t now) {
  note(r, "store_failed", "fenced");
  r->locked = false;
  if (now >= r->deadline) {
    lock_is_busy(r);
    return;
  }
  if (r->stage == AL_STAGE_BURY || r->stage == AL_STAGE_TELL) r->fault.kind = AL_FINE;
  r->done = false;
  r->wait_until = now + AL_LOCK_MAX_POLL_MS;
  step_to(r, AL_STAGE_LOCK);
}

void al_transaction_saved (al_renewal *r, bool kept, int64_t now) {
  if (!kept) fenced(r, now);
  else if (r->stage == AL_STAGE_SAVE) saved_all(r, now);
  else if (r->stage == AL_STAGE_BURY) finish(r);
  else step_to(r, AL_STAGE_ASK);
}

void al_transaction_put_aside (al_renewal *r, int64_t now) {
  resolve(r, now);
}

void al_transaction_unlocked (al_renewal *r) {
  r->locked = false;
  step_to(r, AL_STAGE_OVER);
}

/*
 * Without the mark the token endpoint isn't asked: what can't be marked couldn't be saved either. A new refresh token
 * that can't be saved keeps everyone waiting; a new access token alone is no loss, and goes on.
 */
void al_transaction_broke (al_renewal *r, const al_fault *fault, int64_t now) {
  al_reconcile *s = stored_of(r);
  note(r, "store_failed", fault->code);
  switch (r->stage) {
    case AL_STAGE_UNLOCK: al_transaction_unlocked(r); return;
    case AL_STAGE_DOUBT: doubted(r, false, now); return;
    case AL_STAGE_TELL: step_to(r, AL_STAGE_ASK); return;
    case AL_STAGE_BURY: finish(r); return;
    case AL_STAGE_LOCK:
    case AL_STAGE_SAVE:
      if (s->owed || s->removing || !r->done) break;
      finish(r);
      return;
    default: break;
  }
  r->done = false;
  fail(r, fault);
}

bool al_transaction_document (al_renewal *r, const al_clocks *clocks, al_buf *out, bool *remove) {
  *remove = stored_of(r)->removing && r->stage == AL_STAGE_SAVE;
  return *remove || al_reconcile_compose(r->credential, r->client, clocks, out);
}

int64_t al_transaction_lease (const al_renewal *r) {
  int64_t ms = r->client->settings.timeout_ms;
  if (ms > AL_MAX_LEASE_MS - AL_LEASE_EXTRA_MS) return AL_MAX_LEASE_MS;
  return ms + AL_LEASE_EXTRA_MS;
}
