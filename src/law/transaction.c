#include "law/transaction.h"

#include <string.h>

#include "law/reconcile.h"

static al_reconcile *stored_of (const al_transaction *t) {
  return t->renewal.credential->stored;
}

static void step_to (al_transaction *t, al_stage stage) {
  t->stage = stage;
}

/* Over, as its done or its fault says; the lock is given back first. */
static void finish (al_transaction *t) {
  step_to(t, t->locked ? AL_STAGE_UNLOCK : AL_STAGE_OVER);
}

/* A renewal that was done stays so, unless a refresh token is at stake. */
static void fail (al_transaction *t, const al_fault *why) {
  if (stored_of(t)->owed) t->renewal.done = false;
  if (!t->renewal.done) t->renewal.fault = *why;
  finish(t);
}

static void note (al_transaction *t, const char *name, const char *code) {
  al_client_note(t->renewal.client, name, 0, code, -1);
}

/* ---- what there is, and what to do about it ---- */

static bool changed (const al_transaction *t) {
  const al_reconcile *s = stored_of(t);
  return s->generation != t->base_generation || strcmp(s->login, t->base_login) != 0;
}

/* Where the program wants a new token, however fresh the old one, one that another process got meanwhile will do. */
static void set_base (al_transaction *t) {
  const al_reconcile *s = stored_of(t);
  if (t->base_generation > 0 || s->generation == 0) return;
  t->base_generation = s->generation;
  memcpy(t->base_login, s->login, sizeof t->base_login);
}

static bool satisfied (const al_transaction *t, int64_t now) {
  const al_credential *c = t->renewal.credential;
  if (c->token == NULL || c->stored->owed || c->stored->removing) return false;
  if (t->forced) return changed(t) && al_token_alive(c->token, now);
  return al_token_fresh(c->token, now);
}

/* An old token that still lives serves while somebody else renews it. */
static bool patient (const al_transaction *t, int64_t now) {
  const al_credential *c = t->renewal.credential;
  return t->forced || c->stored->owed || c->stored->removing || c->token == NULL || !al_token_alive(c->token, now);
}

static void nothing_to_ask_with (al_transaction *t) {
  const al_fault *dead = t->renewal.credential->dead;
  al_fault fault;
  if (dead == NULL)
    al_fault_set(&fault, AL_OAUTH, AL_INTERACTION, "login_required",
                 "there is no valid token, and nothing to get one with; the user must log in again");
  fail(t, dead != NULL ? dead : &fault);
}

void al_transaction_busy (al_fault *fault) {
  al_fault_set(
    fault, AL_STORE, AL_TRANSIENT, "locked",
    "another process is renewing this token and isn't done yet; try again (the record's lock couldn't be had in time)");
}

static void lock_is_busy (al_transaction *t) {
  al_fault fault;
  al_transaction_busy(&fault);
  fail(t, &fault);
}

bool al_transaction_waits (const al_credential *c) {
  if (c->stored == NULL || c->renewal == NULL) return false;
  const al_transaction *t = (const al_transaction *)(const void *)c->renewal;
  return t->poll_ms > 0 && !t->locked && (t->stage == AL_STAGE_LOCK || t->stage == AL_STAGE_LOOK);
}

/* The server asked to be left alone; true: this renewal waits for that, or is over because of it. */
static bool left_alone (al_transaction *t, int64_t now) {
  if (!al_renewal_asked_to_wait(&t->renewal, now)) return false;
  if (t->renewal.fault.kind != AL_FINE) finish(t);
  return true;
}

static void looked (al_transaction *t, int64_t now) {
  if (satisfied(t, now)) {
    t->renewal.done = true;
    if (stored_of(t)->moving) step_to(t, AL_STAGE_LOCK);
    else finish(t);
  } else if (!al_credential_renewable(t->renewal.credential)) nothing_to_ask_with(t);
  else if (now >= t->renewal.deadline) lock_is_busy(t);
  else if (!left_alone(t, now)) step_to(t, AL_STAGE_LOCK);
}

/* Under the lock: what is in memory is what counts now. */
static void resolve (al_transaction *t, int64_t now) {
  al_reconcile *s = stored_of(t);
  if (s->removing || s->owed || ((s->unsaved || s->moving) && t->renewal.done)) step_to(t, AL_STAGE_SAVE);
  else if (satisfied(t, now)) {
    t->renewal.done = true;
    finish(t);
  } else if (!al_credential_renewable(t->renewal.credential)) nothing_to_ask_with(t);
  else {
    al_renewal_prepare(&t->renewal, now);
    if (t->renewal.plea == AL_ASK_BY_REFRESH) s->begun = s->generation;
    step_to(t, t->renewal.plea == AL_ASK_BY_REFRESH ? AL_STAGE_MARK : AL_STAGE_ASK);
  }
}

/* ---- what the renewal asks ---- */

void al_transaction_begin (al_transaction *t, al_client *client, al_credential *credential, bool forced, int64_t now) {
  *t = (al_transaction){ .forced = forced, .stage = AL_STAGE_ASK };
  const al_reconcile *s = credential->stored;
  if (s == NULL) {
    al_renewal_begin(&t->renewal, client, credential, NULL, now);
    t->renewal.heedless = forced;
    return;
  }
  al_renewal_init(&t->renewal, client, credential, NULL, now);
  t->renewal.heedless = forced;
  t->renewal.defers = true;
  set_base(t);
  if (s->removing || s->owed) step_to(t, AL_STAGE_LOCK);
  else if (credential->opening.n == 0) step_to(t, AL_STAGE_LOOK);
  /* else the user has just said so: nothing in the store counts */
}

/* Asked for before the lock is taken, as it may take its time. */
static bool needs_secret (const al_transaction *t) {
  const al_reconcile *s = stored_of(t);
  return !t->renewal.done && !s->removing && !s->owed && al_renewal_needs_secret(&t->renewal);
}

/* The token endpoint was asked, and that came to an end: its done or its fault says how. */
static void asked (al_transaction *t, int64_t now) {
  if (t->renewal.done && stored_of(t)->unsaved) {
    t->renewal.deadline = al_renewal_patience(&t->renewal, now);
    step_to(t, t->locked ? AL_STAGE_SAVE : AL_STAGE_LOCK);
  } else if (!t->renewal.done && t->renewal.credential->dead != NULL && t->locked) step_to(t, AL_STAGE_BURY);
  else finish(t);
}

/* With the lock, for as long as it is ours. */
static al_next ask (al_transaction *t, int64_t now) {
  al_next next = al_renewal_next(&t->renewal, now);
  if (next == AL_NEXT_SEND && t->locked && t->renewal.deadline > t->lease_until) t->renewal.deadline = t->lease_until;
  return next;
}

al_next al_transaction_next (al_transaction *t, int64_t now) {
  if (t->stage == AL_STAGE_ASK) {
    al_next next = ask(t, now);
    if (stored_of(t) == NULL || (next != AL_NEXT_DONE && next != AL_NEXT_FAIL)) return next;
    asked(t, now);
  }
  if (t->stage == AL_STAGE_LOCK || t->stage == AL_STAGE_LOOK) {
    if (t->renewal.wait_until > now) return AL_NEXT_WAIT;
    t->renewal.wait_until = -1;
  }
  switch (t->stage) {
    case AL_STAGE_LOCK: return needs_secret(t) ? AL_NEXT_SECRET : AL_NEXT_LOCK;
    case AL_STAGE_PURGE: return AL_NEXT_LOCK;
    case AL_STAGE_ASIDE: return AL_NEXT_ASIDE;
    case AL_STAGE_ERASE:
    case AL_STAGE_MARK:
    case AL_STAGE_TELL:
    case AL_STAGE_BURY:
    case AL_STAGE_SAVE: return AL_NEXT_SAVE;
    case AL_STAGE_UNLOCK: return AL_NEXT_UNLOCK;
    case AL_STAGE_OVER: return t->renewal.done ? AL_NEXT_DONE : AL_NEXT_FAIL;
    default: return AL_NEXT_LOAD;
  }
}

/* The others are to know that the server wants to be left alone, before this renewal goes on; a definite no is looked
 * into once, as the record may have a newer refresh token. */
void al_transaction_answered (al_transaction *t, const al_answer *answer, unsigned jitter, int64_t now) {
  al_renewal_answered(&t->renewal, answer, jitter, now);
  if (t->renewal.postponed && t->locked) step_to(t, AL_STAGE_TELL);
  if (!t->renewal.denied) return;
  t->renewal.defers = false;
  step_to(t, AL_STAGE_DOUBT);
}

/* ---- what the store answered ---- */

static void doubted (al_transaction *t, bool taken, int64_t now) {
  if (taken) {
    al_fault_clear(&t->renewal.fault);
    resolve(t, now);
    return;
  }
  al_renewal_refused(&t->renewal);
  asked(t, now);
}

/* What can't be read for want of memory says nothing: nobody is dead for it, and nothing is put aside. */
static void starved (al_transaction *t) {
  al_fault fault;
  al_fault_set(&fault, AL_STORE, AL_TRANSIENT, "out_of_memory", "there is no memory left to read a token's record");
  note(t, "store_failed", fault.code);
  t->renewal.done = false;
  fail(t, &fault);
}

/* What there isn't may be there under its former name. True: that is to be read first. */
static bool look_back (al_transaction *t, bool there) {
  al_reconcile *s = stored_of(t);
  bool back = !there && !t->former && s->former[0] != '\0';
  if (!back) s->moving = there && t->former;
  t->former = back;
  return back;
}

void al_transaction_loaded (al_transaction *t, const char *text, size_t n, const al_clocks *clocks) {
  if (look_back(t, text != NULL)) return;
  al_record record;
  al_record_init(&record);
  al_readable readable = text != NULL ? al_record_read(&record, text, n) : AL_RECORD_READ;
  bool taken = text != NULL && readable == AL_RECORD_READ &&
               al_reconcile_record(t->renewal.credential, &record, clocks);
  al_record_dispose(&record);
  if (readable == AL_RECORD_STARVED) {
    starved(t);
    return;
  }
  if (taken) note(t, "token_adopted", "");
  if (t->stage == AL_STAGE_LOOK) set_base(t);
  if (t->stage == AL_STAGE_DOUBT) doubted(t, taken, clocks->now);
  else if (t->stage == AL_STAGE_LOOK) looked(t, clocks->now);
  else if (readable != AL_RECORD_READ && !stored_of(t)->moving) {
    note(t, "store_set_aside", readable == AL_RECORD_FUTURE ? "future" : "corrupt");
    step_to(t, AL_STAGE_ASIDE);
  } else resolve(t, clocks->now);
}

/* Half as long again each time, and by chance shorter, so that a crowd spreads out. */
static int64_t next_poll (al_transaction *t, unsigned jitter) {
  t->poll_ms = t->poll_ms == 0 ? AL_LOCK_POLL_MS : t->poll_ms + (t->poll_ms + 1) / 2;
  if (t->poll_ms > AL_LOCK_MAX_POLL_MS) t->poll_ms = AL_LOCK_MAX_POLL_MS;
  return t->poll_ms / 2 + (int64_t)(jitter % (unsigned)(t->poll_ms / 2 + 1));
}

/* Not to the end of a short token's life: by then the new one is there, and whoever goes on with the old one comes too
 * late. */
static int64_t until_retry (const al_token *old, int64_t now) {
  int64_t left = old->expires_at - now;
  return left < 0 || left / 2 > AL_LOCK_REST_MS ? AL_LOCK_REST_MS : left / 2;
}

/* All that was to be done is to give the record its new name, which another time will do for. */
static bool settled (const al_transaction *t, int64_t now) {
  const al_reconcile *s = stored_of(t);
  return s->moving && !s->unsaved && t->renewal.done && satisfied(t, now);
}

void al_transaction_locked (al_transaction *t, bool got, int64_t lease_ms, unsigned jitter, int64_t now) {
  t->locked = got;
  t->lease_until = lease_ms > 0 ? now + lease_ms : INT64_MAX;
  if (t->stage == AL_STAGE_PURGE || (!got && settled(t, now))) {
    if (got) step_to(t, AL_STAGE_ERASE);
    else finish(t);
    return;
  }
  if (got) {
    step_to(t, AL_STAGE_CHECK);
    return;
  }
  if (!patient(t, now)) {
    stored_of(t)->retry_lock_at = now + until_retry(t->renewal.credential->token, now);
    lock_is_busy(t);
    return;
  }
  if (t->poll_ms == 0) note(t, "lock_wait", "");
  if (now >= t->renewal.deadline) {
    lock_is_busy(t);
    return;
  }
  t->renewal.wait_until = now + next_poll(t, jitter);
  if (t->renewal.wait_until > t->renewal.deadline) t->renewal.wait_until = t->renewal.deadline;
  /* whoever has it may be done, and then there is no need for it */
  if (!stored_of(t)->owed && !stored_of(t)->removing && t->renewal.credential->opening.n == 0)
    step_to(t, AL_STAGE_LOOK);
}

static void saved_all (al_transaction *t, int64_t now) {
  al_reconcile *s = stored_of(t);
  if (s->removing) {
    s->removing = false;
    nothing_to_ask_with(t);
    return;
  }
  s->unsaved = s->owed = s->opened = false;
  if (t->renewal.done) finish(t);
  else resolve(t, now);
}

/* The lease ran out: somebody else has renewed it, or is about to. Once the lock is ours again, the newer one counts.
 */
static void fenced (al_transaction *t, int64_t now) {
  note(t, "store_failed", "fenced");
  t->locked = false;
  if (now >= t->renewal.deadline) {
    lock_is_busy(t);
    return;
  }
  if (t->stage == AL_STAGE_BURY || t->stage == AL_STAGE_TELL) t->renewal.fault.kind = AL_FINE;
  t->renewal.done = false;
  t->renewal.wait_until = now + AL_LOCK_MAX_POLL_MS;
  step_to(t, AL_STAGE_LOCK);
}

/* The record has its new name, or is gone: so must be what has the former one. */
static void moved (al_transaction *t) {
  al_reconcile *s = stored_of(t);
  t->purges = t->purges || s->moving || (s->removing && s->former[0] != '\0');
  s->moving = false;
}

void al_transaction_saved (al_transaction *t, bool kept, int64_t now) {
  if (t->stage == AL_STAGE_ERASE) {
    finish(t);
    return;
  }
  if (kept) moved(t);
  if (!kept) fenced(t, now);
  else if (t->stage == AL_STAGE_SAVE) saved_all(t, now);
  else if (t->stage == AL_STAGE_BURY) finish(t);
  else step_to(t, AL_STAGE_ASK);
}

void al_transaction_put_aside (al_transaction *t, int64_t now) {
  resolve(t, now);
}

void al_transaction_unlocked (al_transaction *t) {
  t->locked = false;
  t->former = t->purges;
  t->purges = false;
  step_to(t, t->former ? AL_STAGE_PURGE : AL_STAGE_OVER);
}

const char *al_transaction_name (const al_transaction *t) {
  const al_reconcile *s = stored_of(t);
  return t->former ? s->former : s->name;
}

/*
 * Without the mark the token endpoint isn't asked: what can't be marked couldn't be saved either. A new refresh token
 * that can't be saved keeps everyone waiting; a new access token alone is no loss, and goes on.
 */
void al_transaction_broke (al_transaction *t, const al_fault *fault, int64_t now) {
  al_reconcile *s = stored_of(t);
  note(t, "store_failed", fault->code);
  switch (t->stage) {
    case AL_STAGE_UNLOCK: al_transaction_unlocked(t); return;
    case AL_STAGE_DOUBT: doubted(t, false, now); return;
    case AL_STAGE_TELL: step_to(t, AL_STAGE_ASK); return;
    case AL_STAGE_PURGE:
    case AL_STAGE_ERASE:
    case AL_STAGE_BURY: finish(t); return;
    case AL_STAGE_LOCK:
    case AL_STAGE_SAVE:
      if (s->owed || s->removing || !t->renewal.done) break;
      finish(t);
      return;
    default: break;
  }
  t->renewal.done = false;
  fail(t, fault);
}

bool al_transaction_document (al_transaction *t, const al_clocks *clocks, al_buf *out, bool *remove) {
  *remove = t->stage == AL_STAGE_ERASE || (stored_of(t)->removing && t->stage == AL_STAGE_SAVE);
  return *remove || al_reconcile_compose(t->renewal.credential, t->renewal.client, clocks, out);
}

int64_t al_transaction_lease (const al_transaction *t) {
  int64_t ms = t->renewal.client->settings.timeout_ms;
  if (ms > AL_MAX_LEASE_MS - AL_LEASE_EXTRA_MS) return AL_MAX_LEASE_MS;
  return ms + AL_LEASE_EXTRA_MS;
}
