/* transaction: a renewal's way through the store, step by step, by a made-up clock; the store is what this file says it
 * is. */
#include "world.h"

#include "law/record.h"
#include "law/reconcile.h"

enum { second = 1000, hour = 3600 * second };

/* A store that holds one text, and the world whose renewal goes through it. */
typedef struct stage {
  world w;
  al_buf text; /* empty: no record */
} stage;

static al_clocks clocks_of (const stage *s) {
  return (al_clocks){ .now = s->w.now, .wall = 1700000000000 + s->w.now, .clock = "boot" };
}

/* The refresh token "r0" is handed in where `given` says so; else the client acts on its own behalf. */
static stage open_stage (bool given) {
  stage s = { .w = { .now = 1000000 }, .text = AL_BUF_SECRET(AL_MAX_RECORD) };
  al_cache_init(&s.w.cache);
  s.w.client = new_client("id", "secret");
  al_identity who = identity(s.w.client, given ? &al_grant_refresh_token : &al_grant_client_credentials,
                             given ? "r0" : "");
  who.stored = true;
  s.w.credential = al_cache_find(&s.w.cache, &who, s.w.now);
  al_request_init(&s.w.request);
  return s;
}

static void begin (stage *s) {
  al_transaction_begin(&s->w.transaction, s->w.client, s->w.credential, false, s->w.now);
}

static void end_renewal (stage *s) {
  renewal_end(&s->w);
}

static void close_stage (stage *s) {
  al_buf_dispose(&s->text);
  world_end(&s->w);
}

static al_next next (stage *s) {
  return al_transaction_next(&s->w.transaction, s->w.now);
}

static void load (stage *s) {
  al_clocks now = clocks_of(s);
  al_transaction_loaded(&s->w.transaction, s->text.n > 0 ? al_buf_text(&s->text) : NULL, s->text.n, &now);
}

static void lock (stage *s, bool got) {
  al_transaction_locked(&s->w.transaction, got, 0, 0, s->w.now);
}

/* Writes what is to be written, into the store where it is kept. */
static void save (stage *s, bool kept) {
  al_clocks now = clocks_of(s);
  al_buf text = AL_BUF_SECRET(AL_MAX_RECORD);
  bool removes = false;
  check(al_transaction_document(&s->w.transaction, &now, &text, &removes));
  if (kept) {
    al_buf_clear(&s->text);
    if (!removes) al_buf_add(&s->text, al_buf_text(&text), text.n);
  }
  al_buf_dispose(&text);
  al_transaction_saved(&s->w.transaction, kept, s->w.now);
}

static void unlock (stage *s) {
  al_transaction_unlocked(&s->w.transaction);
}

static void answer (stage *s, int status, const char *head, const char *body) {
  compose(&s->w);
  al_answer a = answer_of(status, head, body);
  al_transaction_answered(&s->w.transaction, &a, 0, s->w.now);
}

static void give (stage *s, const char *token, const char *refresh) {
  char body[200];
  snprintf(body, sizeof body,
           "{\"access_token\":\"%s\",\"token_type\":\"Bearer\",\"expires_in\":3600,\"refresh_token\":\"%s\"}", token,
           refresh);
  answer(s, 200, "", body);
}

static void break_store (stage *s, const char *code) {
  al_fault f;
  al_fault_set(&f, AL_STORE, AL_TRANSIENT, code, "m");
  al_transaction_broke(&s->w.transaction, &f, s->w.now);
}

static bool has (const stage *s, const char *part) {
  return strstr(al_buf_text(&s->text), part) != NULL;
}

static bool failed_with (const stage *s, const char *code) {
  return !s->w.renewal.done && strcmp(s->w.renewal.fault.code, code) == 0;
}

/* Up to the moment where the token endpoint is to be asked; whether that is where it led. */
static bool reach_asking (stage *s) {
  begin(s);
  if (next(s) != AL_NEXT_LOAD) return false;
  load(s);
  if (next(s) != AL_NEXT_LOCK) return false;
  lock(s, true);
  if (next(s) != AL_NEXT_LOAD) return false;
  load(s);
  if (next(s) == AL_NEXT_SAVE) save(s, true);
  return next(s) == AL_NEXT_SEND;
}

/* One whole renewal, after which the store has its token. */
static void renew (stage *s, const char *token, const char *refresh) {
  check(reach_asking(s));
  give(s, token, refresh);
  check(next(s) == AL_NEXT_SAVE);
  save(s, true);
  check(next(s) == AL_NEXT_UNLOCK);
  unlock(s);
  check(next(s) == AL_NEXT_DONE);
  end_renewal(s);
}

/* What somebody else has written meanwhile. */
static void write_newer (stage *s, const char *token, const char *refresh) {
  stage other = open_stage(true);
  other.w.now = s->w.now;
  al_buf_add(&other.text, s->text.bytes, s->text.n);
  begin(&other);
  load(&other);
  end_renewal(&other);
  al_token_drop(other.w.credential->token);
  other.w.credential->token = NULL;
  renew(&other, token, refresh);
  al_buf_take(&s->text, &other.text);
  close_stage(&other);
}

/* ---- the way ---- */

static void ways (void) {
  it("transaction: look, lock, look again, mark, ask, save, unlock") {
    stage s = open_stage(true);
    begin(&s);
    check(next(&s) == AL_NEXT_LOAD);
    load(&s);
    check(next(&s) == AL_NEXT_LOCK);
    lock(&s, true);
    check(next(&s) == AL_NEXT_LOAD);
    load(&s);
    check(next(&s) == AL_NEXT_SAVE);
    save(&s, true);
    check(has(&s, "\"begun\":1") && !has(&s, "access_token"));
    check(next(&s) == AL_NEXT_SEND);
    give(&s, "t1", "r1");
    check(next(&s) == AL_NEXT_SAVE);
    save(&s, true);
    check(has(&s, "\"generation\":2") && has(&s, "\"access_token\":\"t1\"") && has(&s, "\"refresh_token\":\"r1\"") &&
          !has(&s, "begun"));
    check(next(&s) == AL_NEXT_UNLOCK);
    unlock(&s);
    check(next(&s) == AL_NEXT_DONE);
    end_renewal(&s);
    close_stage(&s);
  }
  it("transaction: without a refresh token there is no mark, as nothing can be lost") {
    stage s = open_stage(false);
    begin(&s);
    load(&s);
    lock(&s, true);
    load(&s);
    check(next(&s) == AL_NEXT_SEND);
    end_renewal(&s);
    close_stage(&s);
  }
  it("transaction: a fresh token in the store is taken, and nothing locked or asked") {
    stage s = open_stage(true), other = open_stage(true);
    renew(&s, "t1", "r1");
    al_buf_take(&other.text, &s.text);
    begin(&other);
    load(&other);
    check(next(&other) == AL_NEXT_DONE && line_is(other.w.credential->token, "t1") &&
          noted(other.w.client, "token_adopted") == 1);
    end_renewal(&other);
    close_stage(&other);
    close_stage(&s);
  }
  it("transaction: what came while the lock was waited for is taken, and the lock given back") {
    stage s = open_stage(true);
    begin(&s);
    load(&s);
    lock(&s, true);
    write_newer(&s, "t1", "r1");
    load(&s);
    check(next(&s) == AL_NEXT_UNLOCK);
    unlock(&s);
    check(next(&s) == AL_NEXT_DONE && line_is(s.w.credential->token, "t1"));
    end_renewal(&s);
    close_stage(&s);
  }
}

/* ---- the lock ---- */

static void locks (void) {
  it("transaction: a busy lock is asked for again soon, and the store looked at before that") {
    stage s = open_stage(true);
    begin(&s);
    load(&s);
    lock(&s, false);
    check(next(&s) == AL_NEXT_WAIT && s.w.renewal.wait_until - s.w.now <= AL_LOCK_MAX_POLL_MS);
    s.w.now = s.w.renewal.wait_until;
    check(next(&s) == AL_NEXT_LOAD);
    write_newer(&s, "t1", "r1");
    load(&s);
    check(next(&s) == AL_NEXT_DONE && noted(s.w.client, "lock_wait") == 1);
    end_renewal(&s);
    close_stage(&s);
  }
  it("transaction: a lock that can't be had in time is a failure, and the token endpoint isn't asked") {
    stage s = open_stage(true);
    begin(&s);
    int rounds = 0;
    for (al_next what = next(&s); what != AL_NEXT_FAIL && rounds < 100000; what = next(&s), rounds++) {
      check(what == AL_NEXT_LOAD || what == AL_NEXT_LOCK || what == AL_NEXT_WAIT);
      if (what == AL_NEXT_LOAD) load(&s);
      else if (what == AL_NEXT_LOCK) lock(&s, false);
      else s.w.now = s.w.renewal.wait_until;
    }
    check(rounds < 100000 && failed_with(&s, "locked") && s.w.renewal.fault.outcome == AL_TRANSIENT);
    end_renewal(&s);
    close_stage(&s);
  }
  it("transaction: a call that is out of time before its renewal is says what it waited for") {
    stage s = open_stage(true);
    begin(&s);
    load(&s);
    al_flow_begin(&s.w.flow, s.w.client, s.w.credential, NULL, second, s.w.now);
    check(next(&s) == AL_NEXT_LOCK);
    lock(&s, false); /* and the next answer takes its time */
    check(al_flow_next(&s.w.flow, s.w.now + second - 1) == AL_NEXT_TOKEN);
    check(al_flow_next(&s.w.flow, s.w.now + second) == AL_NEXT_FAIL);
    check(s.w.flow.fault->kind == AL_STORE && strcmp(s.w.flow.fault->code, "locked") == 0);
    end_renewal(&s);
    close_stage(&s);
  }
  it("transaction: while the old token lives, nobody waits for a busy lock") {
    stage s = open_stage(true);
    renew(&s, "t1", "r1");
    s.w.now += hour - 10 * second; /* within the margin */
    begin(&s);
    load(&s);
    check(next(&s) == AL_NEXT_LOCK);
    lock(&s, false);
    check(next(&s) == AL_NEXT_FAIL && failed_with(&s, "locked") && s.w.credential->stored->retry_lock_at > s.w.now);
    end_renewal(&s);
    close_stage(&s);
  }
  it("transaction: a lease that ran out before the mark was kept: nothing is asked before the lock is ours again") {
    stage s = open_stage(true);
    begin(&s);
    load(&s);
    lock(&s, true);
    load(&s);
    save(&s, false);
    check(!s.w.transaction.locked && next(&s) == AL_NEXT_WAIT);
    s.w.now = s.w.renewal.wait_until;
    check(next(&s) == AL_NEXT_LOCK);
    end_renewal(&s);
    close_stage(&s);
  }
  it("transaction: a lease that ran out before the token was kept: the newer one counts, once the lock is ours again") {
    stage s = open_stage(true);
    check(reach_asking(&s));
    give(&s, "late", "r-late");
    check(next(&s) == AL_NEXT_SAVE);
    write_newer(&s, "t1", "r1");
    write_newer(&s, "t2", "r2"); /* generation 3; ours would be 2 */
    save(&s, false);
    s.w.now = s.w.renewal.wait_until;
    lock(&s, true);
    load(&s);
    check(next(&s) == AL_NEXT_UNLOCK);
    unlock(&s);
    check(next(&s) == AL_NEXT_DONE && line_is(s.w.credential->token, "t2") &&
          holds(&s.w.credential->refresh_token, "r2"));
    end_renewal(&s);
    close_stage(&s);
  }
  it("transaction: … and ours is saved where nobody wrote a newer one") {
    stage s = open_stage(true);
    check(reach_asking(&s));
    give(&s, "t1", "r1");
    check(next(&s) == AL_NEXT_SAVE);
    save(&s, false); /* the lock's file was removed, say */
    s.w.now = s.w.renewal.wait_until;
    check(next(&s) == AL_NEXT_LOCK);
    lock(&s, true);
    load(&s);
    check(next(&s) == AL_NEXT_SAVE);
    save(&s, true);
    check(has(&s, "\"refresh_token\":\"r1\""));
    unlock(&s);
    check(next(&s) == AL_NEXT_DONE && line_is(s.w.credential->token, "t1"));
    end_renewal(&s);
    close_stage(&s);
  }
}

/* ---- what the server says ---- */

static void answers (void) {
  it("transaction: a definite no is doubted once: somebody else may have a newer refresh token") {
    stage s = open_stage(true);
    check(reach_asking(&s));
    write_newer(&s, "t1", "r1");
    answer(&s, 400, "", "{\"error\":\"invalid_grant\"}");
    check(next(&s) == AL_NEXT_LOAD);
    load(&s);
    check(next(&s) == AL_NEXT_UNLOCK);
    unlock(&s);
    check(next(&s) == AL_NEXT_DONE && line_is(s.w.credential->token, "t1") && s.w.credential->dead == NULL);
    end_renewal(&s);
    close_stage(&s);
  }
  it("transaction: a no that stands is written down, without the refresh token") {
    stage s = open_stage(true);
    check(reach_asking(&s));
    answer(&s, 400, "", "{\"error\":\"invalid_grant\"}");
    load(&s);
    check(next(&s) == AL_NEXT_SAVE);
    save(&s, true);
    check(has(&s, "\"dead\":true") && has(&s, "\"error\":\"invalid_grant\"") && !has(&s, "r0"));
    check(next(&s) == AL_NEXT_UNLOCK);
    unlock(&s);
    check(next(&s) == AL_NEXT_FAIL && s.w.credential->dead != NULL);
    end_renewal(&s);
    close_stage(&s);
  }
  it("transaction: Retry-After is told to everybody before this renewal goes on") {
    stage s = open_stage(true);
    check(reach_asking(&s));
    answer(&s, 429, "Retry-After: 7\r\n", "");
    check(next(&s) == AL_NEXT_SAVE);
    save(&s, true);
    check(has(&s, "\"retry_at\":"));
    check(next(&s) == AL_NEXT_WAIT && s.w.renewal.wait_until == s.w.now + 7 * second);
    end_renewal(&s);
    close_stage(&s);
  }
}

/* ---- a store that fails ---- */

static void failures (void) {
  it("transaction: without the mark nothing is asked, as what came couldn't be kept either") {
    stage s = open_stage(true);
    begin(&s);
    load(&s);
    lock(&s, true);
    load(&s);
    check(next(&s) == AL_NEXT_SAVE);
    break_store(&s, "full");
    check(next(&s) == AL_NEXT_UNLOCK);
    unlock(&s);
    check(next(&s) == AL_NEXT_FAIL && failed_with(&s, "full") && noted(s.w.client, "store_failed") == 1);
    end_renewal(&s);
    close_stage(&s);
  }
  it(
    "transaction: a new refresh token that can't be kept makes the call fail, and goes before all else the next time") {
    stage s = open_stage(true);
    check(reach_asking(&s));
    give(&s, "t1", "r1");
    check(next(&s) == AL_NEXT_SAVE);
    break_store(&s, "full");
    unlock(&s);
    check(next(&s) == AL_NEXT_FAIL && failed_with(&s, "full") && al_credential_owes(s.w.credential));
    end_renewal(&s);
    begin(&s);
    check(next(&s) == AL_NEXT_LOCK);
    lock(&s, true);
    load(&s);
    check(next(&s) == AL_NEXT_SAVE);
    save(&s, true);
    check(has(&s, "\"refresh_token\":\"r1\"") && !al_credential_owes(s.w.credential));
    unlock(&s);
    check(next(&s) == AL_NEXT_DONE && line_is(s.w.credential->token, "t1"));
    end_renewal(&s);
    close_stage(&s);
  }
  it("transaction: a new access token alone that can't be kept is no loss") {
    stage s = open_stage(false);
    check(reach_asking(&s));
    answer(&s, 200, "", "{\"access_token\":\"t1\",\"token_type\":\"Bearer\",\"expires_in\":3600}");
    check(next(&s) == AL_NEXT_SAVE);
    break_store(&s, "full");
    unlock(&s);
    check(next(&s) == AL_NEXT_DONE && line_is(s.w.credential->token, "t1"));
    end_renewal(&s);
    close_stage(&s);
  }
  it("transaction: a record that can't be read is put aside under the lock, and not written over") {
    stage s = open_stage(true);
    al_buf_adds(&s.text, "{\"airlock\":9}");
    begin(&s);
    load(&s);
    check(next(&s) == AL_NEXT_LOCK);
    lock(&s, true);
    load(&s);
    check(next(&s) == AL_NEXT_ASIDE && noted(s.w.client, "store_set_aside") == 1);
    al_buf_clear(&s.text);
    al_transaction_put_aside(&s.w.transaction, s.w.now);
    check(next(&s) == AL_NEXT_SAVE);
    end_renewal(&s);
    close_stage(&s);
  }
  it("transaction: an unlocking that fails changes nothing") {
    stage s = open_stage(true);
    check(reach_asking(&s));
    give(&s, "t1", "r1");
    check(next(&s) == AL_NEXT_SAVE);
    save(&s, true);
    check(next(&s) == AL_NEXT_UNLOCK);
    break_store(&s, "unavailable");
    check(next(&s) == AL_NEXT_DONE);
    end_renewal(&s);
    close_stage(&s);
  }
  it("transaction: a lease is as long as a token request may take and ten seconds more, and has an end") {
    stage s = open_stage(true);
    begin(&s);
    s.w.client->settings.timeout_ms = 30 * second;
    check(al_transaction_lease(&s.w.transaction) == 40 * second);
    s.w.client->settings.timeout_ms = INT64_MAX;
    check(al_transaction_lease(&s.w.transaction) == AL_MAX_LEASE_MS);
    end_renewal(&s);
    close_stage(&s);
  }
}

int main (void) {
  ways();
  locks();
  answers();
  failures();
  return test_over();
}
