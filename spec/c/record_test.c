/* record and stored: a token as a document, and back, by made-up clocks. */
#include "world.h"

#include "law/record.h"
#include "law/reconcile.h"

enum { second = 1000, hour = 3600 * second, day = 24 * hour };

static const char ours[] = "boot-1 time:[1]";

/* A world whose credential has a record; its token is good for an hour. */
static world stored_world (const char *given) {
  world w = { .now = 1000000 };
  al_cache_init(&w.cache);
  w.client = new_client("id", "secret");
  al_identity who = identity(w.client, given[0] != '\0' ? &al_grant_refresh_token : &al_grant_client_credentials,
                             given);
  who.stored = true;
  w.credential = al_cache_find(&w.cache, &who, w.now);
  al_request_init(&w.request);
  return w;
}

static al_clocks at (const world *w, int64_t wall, const char *clock) {
  return (al_clocks){ .now = w->now, .wall = wall, .clock = clock };
}

static void receive (world *w, const char *token, const char *refresh) {
  al_reply r;
  al_reply_init(&r);
  al_buf_adds(&r.access_token, token);
  al_buf_adds(&r.refresh_token, refresh);
  r.lifetime_ms = hour;
  check(al_credential_adopt(w->credential, &r, w->now));
  al_reply_dispose(&r);
}

static al_buf written (const world *w, const al_clocks *when) {
  al_buf out = AL_BUF_SECRET(AL_MAX_RECORD);
  check(al_reconcile_compose(w->credential, w->client, when, &out));
  return out;
}

/* Lets the credential hear of a record; whether it took it over. */
static bool hear (world *w, const char *text, const al_clocks *when) {
  al_record r;
  al_record_init(&r);
  check(al_record_read(&r, text, strlen(text)) == AL_RECORD_READ);
  bool taken = al_reconcile_record(w->credential, &r, when);
  al_record_dispose(&r);
  return taken;
}

static al_readable judged (const char *text) {
  al_record r;
  al_record_init(&r);
  char *copy = exact(text, strlen(text));
  al_readable found = al_record_read(&r, copy, strlen(text));
  free(copy);
  al_record_dispose(&r);
  return found;
}

static void documents (void) {
  it("record: what is written is read, letter by letter, and written the same again") {
    static const char text
      [] = "{\"airlock\":1,\"issuer\":\"https:\\u002f/a\",\"account\":\"\\\"\\\\\\n\",\"login\":\"l\",\"generation\":7,"
           "\"begun\":6,\"access_token\":\"t\",\"expires_at\":1700000000.250,\"dead\":true,\"odd\":[1, {\"x\":null}]}";
    al_record r, again;
    al_record_init(&r);
    al_record_init(&again);
    check(al_record_read(&r, text, strlen(text)) == AL_RECORD_READ);
    check(holds(&r.issuer, "https://a") && holds(&r.account, "\"\\\n") && r.generation == 7 && r.begun == 6 && r.dead);
    check(r.expires_at == 1700000000250 && r.obtained_at == -1 && holds(&r.unknown, ",\"odd\":[1, {\"x\":null}]"));
    al_buf one = AL_BUF_SECRET(4096), two = AL_BUF_SECRET(4096);
    check(al_record_write(&r, &one) && al_record_read(&again, al_buf_text(&one), one.n) == AL_RECORD_READ);
    check(al_record_write(&again, &two) && one.n == two.n && memcmp(one.bytes, two.bytes, one.n) == 0);
    al_buf_dispose(&one);
    al_buf_dispose(&two);
    al_record_dispose(&r);
    al_record_dispose(&again);
  }
  it("record: isn't written without one of its texts: it might be the refresh token") {
    al_record r;
    al_record_init(&r);
    al_buf out = AL_BUF_SECRET(4096);
    r.refresh_token.max = 3;
    check(al_buf_adds(&r.login, "l") && !al_buf_adds(&r.refresh_token, "r100") && r.refresh_token.n == 0);
    check(!al_record_write(&r, &out) && out.n == 0);
    al_buf_dispose(&out);
    al_record_dispose(&r);
  }
  static const struct {
    const char *what, *text;
    al_readable found;
  } rows[] = {
    { "nothing", "", AL_RECORD_CORRUPT },
    { "what is cut off", "{\"airlock\":1,\"login\":\"l\",\"generation\":1,\"access_token\":\"t", AL_RECORD_CORRUPT },
    { "something behind it", "{\"airlock\":1} x", AL_RECORD_CORRUPT },
    { "a version that doesn't stand first", "{\"login\":\"l\",\"airlock\":1}", AL_RECORD_CORRUPT },
    { "version 0", "{\"airlock\":0}", AL_RECORD_CORRUPT },
    { "a version as text", "{\"airlock\":\"1\"}", AL_RECORD_CORRUPT },
    { "version 2, whatever follows", "{\"airlock\":2,\"login\":{}", AL_RECORD_FUTURE },
    { "a token without its login", "{\"airlock\":1,\"access_token\":\"t\"}", AL_RECORD_CORRUPT },
    { "a login whose name is too long",
      "{\"airlock\":1,\"login\":\"00000000001111111111222222222233333333334444444444555555555566666\"}",
      AL_RECORD_CORRUPT },
    { "a login whose name has an end within", "{\"airlock\":1,\"login\":\"l\\u0000\"}", AL_RECORD_CORRUPT },
    { "a login without anything", "{\"airlock\":1,\"login\":\"l\",\"generation\":1}", AL_RECORD_CORRUPT },
    { "a generation that leaves no room for the next",
      "{\"airlock\":1,\"login\":\"l\",\"generation\":1e12,\"dead\":true}", AL_RECORD_CORRUPT },
    { "a negative generation", "{\"airlock\":1,\"login\":\"l\",\"generation\":-1,\"dead\":true}", AL_RECORD_CORRUPT },
    { "a member of another type", "{\"airlock\":1,\"login\":\"l\",\"generation\":1,\"access_token\":7}",
      AL_RECORD_CORRUPT },
    { "a wish to be left alone, and no login yet", "{\"airlock\":1,\"retry_at\":5}", AL_RECORD_READ },
    { "a login that is dead", "{\"airlock\":1,\"login\":\"l\",\"generation\":1,\"dead\":true}", AL_RECORD_READ },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    it("record: of %s is %s", rows[i].what,
       rows[i].found == AL_RECORD_READ     ? "read"
       : rows[i].found == AL_RECORD_FUTURE ? "of a later version"
                                           : "corrupt") {
      check(judged(rows[i].text) == rows[i].found);
    }
  }
  it("record: its name tells apart all that makes two sessions mean different tokens") {
    char names[8][AL_RECORD_NAME];
    al_identified id[8];
    for (int i = 0; i < 8; i++)
      id[i] = (al_identified){ .server = "s",
                               .client_id = "c",
                               .grant = "g",
                               .account = "a",
                               .account_n = 1,
                               .scope = "x",
                               .scope_n = 1,
                               .resource = "" };
    id[1].server = "sc", id[2].client_id = "cg", id[3].grant = "ga", id[4].account = "ax", id[4].account_n = 2;
    id[5].scope_n = 0, id[6].resource = "r", id[6].resource_n = 1, id[7].account = "a\0x", id[7].account_n = 3;
    for (int i = 0; i < 8; i++) {
      check(al_record_name(names[i], &id[i]) && strlen(names[i]) == AL_RECORD_NAME - 1);
      for (int k = 0; k < i; k++) check(strcmp(names[i], names[k]) != 0);
    }
  }
  it("record: its name takes the scope as a set, and the former one as it was written") {
    static const char *const scopes[] = { "a b", "b a", "b  a b" };
    char names[3][AL_RECORD_NAME], former[3][AL_RECORD_NAME];
    for (int i = 0; i < 3; i++) {
      al_identified id = { .server = "s",
                           .client_id = "c",
                           .grant = "g",
                           .account = "a",
                           .account_n = 1,
                           .scope = scopes[i],
                           .scope_n = strlen(scopes[i]) };
      check(al_record_name(names[i], &id));
      id.as_written = true;
      check(al_record_name(former[i], &id));
    }
    check(strcmp(names[0], names[1]) == 0 && strcmp(names[0], names[2]) == 0 && strcmp(names[0], former[0]) == 0);
    check(strcmp(former[1], former[0]) != 0 && strcmp(former[1], former[2]) != 0);
  }
}

static void clocks (void) {
  static const struct {
    const char *what, *clock;
    int64_t later, wall; /* how much later it is, and how the wall clock was moved meanwhile */
    bool fresh;
  } rows[] = {
    { "serves at once", ours, 0, 0, true },
    { "serves though the wall clock was set on by a day", ours, 1 * second, day, true },
    { "serves though the wall clock was set back by a day", ours, 1 * second, -day, true },
    { "is over after its life", ours, hour, 0, false },
    { "stays over though the wall clock was set back by a day", ours, hour, -day, false },
    { "serves another machine, whose clock is right", "boot-2", 1 * second, 0, true },
    { "is over for another machine after its life", "boot-2", hour, 0, false },
    { "is over for another machine whose clock is a day ahead", "boot-2", 1 * second, day, false },
    { "is over for another machine whose clock is a day behind: it was obtained in the future", "boot-2", 1 * second,
      -day, false },
    { "serves another machine whose clock is a little behind", "boot-2", 1 * second, -60 * second, true },
    { "goes by the wall clock where no clock has a name", "", 1 * second, 0, true },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    it("stored: a token of an hour %s", rows[i].what) {
      world w = stored_world(""), other = stored_world("");
      al_clocks then = at(&w, 1000 * (int64_t)day, rows[i].clock[0] == '\0' ? "" : ours);
      receive(&w, "t1", "");
      al_buf text = written(&w, &then);
      other.now = w.now + rows[i].later;
      if (strcmp(rows[i].clock, "boot-2") == 0) other.now -= 500000;
      al_clocks now = at(&other, then.wall + rows[i].later + rows[i].wall, rows[i].clock);
      check(hear(&other, al_buf_text(&text), &now));
      check(line_is(other.credential->token, "t1") &&
            al_token_fresh(other.credential->token, other.now) == rows[i].fresh);
      check(al_token_alive(other.credential->token, other.now + 2 * hour) == false);
      al_buf_dispose(&text);
      world_end(&w);
      world_end(&other);
    }
  }
}

static void logins (void) {
  it("stored: a refresh token that is handed in is the first of its login, and each token one more") {
    world w = stored_world("r1");
    check(w.credential->stored->generation == 1 && !al_credential_owes(w.credential));
    receive(&w, "t1", "r2");
    check(w.credential->stored->generation == 2 && al_credential_owes(w.credential));
    world_end(&w);
  }
  it("stored: of one login the higher generation counts, and never the lower") {
    world w = stored_world("r1"), other = stored_world("r1");
    al_clocks now = at(&w, day, ours);
    receive(&w, "t1", "r2");
    al_buf first = written(&w, &now);
    receive(&w, "t2", "r3");
    al_buf second_ = written(&w, &now);
    check(hear(&other, al_buf_text(&second_), &now) && holds(&other.credential->refresh_token, "r3"));
    check(!hear(&other, al_buf_text(&first), &now) && holds(&other.credential->refresh_token, "r3"));
    check(!hear(&w, al_buf_text(&first), &now) && line_is(w.credential->token, "t2"));
    al_buf_dispose(&first);
    al_buf_dispose(&second_);
    world_end(&w);
    world_end(&other);
  }
  it("stored: a login without a number takes nobody's place") {
    world w = stored_world("");
    al_clocks now = at(&w, day, ours);
    receive(&w, "t1", "r1");
    check(!hear(&w, "{\"airlock\":1,\"login\":\"l\"}", &now) && line_is(w.credential->token, "t1"));
    check(holds(&w.credential->refresh_token, "r1"));
    world_end(&w);
  }
  it("stored: what a record says of a refusal is made printable, as from a server") {
    world w = stored_world("");
    al_clocks now = at(&w, 1700000000000, ours);
    check(hear(&w,
               "{\"airlock\":1,\"login\":\"l\",\"generation\":1,\"dead\":true,\"error\":\"i\xEC\\u001b[2J\","
               "\"description\":\"a\\nb\"}",
               &now));
    const al_fault *dead = w.credential->dead;
    check(dead != NULL && strcmp(dead->error, "i??[2J") == 0 && strcmp(dead->description, "a?b") == 0);
    check(dead != NULL && strstr(dead->message, "(i??[2J: a?b)") != NULL);
    world_end(&w);
  }
  it("stored: a living login of the store wins over one that is handed in; a dead one gives way, but not to what was "
     "refused") {
    world w = stored_world("r1"), fresh = stored_world("r9"), same = stored_world("r1"), refused = stored_world("r2");
    al_clocks now = at(&w, day, ours);
    receive(&w, "t1", "r2");
    al_buf alive = written(&w, &now);
    al_reconcile_refuse(w.credential);
    al_credential_refused(w.credential, "invalid_grant", "words", 400);
    al_buf dead = written(&w, &now);
    check(strstr(al_buf_text(&dead), "\"r2\"") == NULL && strstr(al_buf_text(&dead), "words") != NULL);
    check(!hear(&fresh, al_buf_text(&dead), &now) && fresh.credential->dead == NULL &&
          holds(&fresh.credential->refresh_token, "r9"));
    check(hear(&same, al_buf_text(&dead), &now) && same.credential->dead != NULL &&
          same.credential->refresh_token.n == 0);
    check(hear(&refused, al_buf_text(&dead), &now) && strcmp(refused.credential->dead->error, "invalid_grant") == 0);
    check(hear(&fresh, al_buf_text(&alive), &now) && holds(&fresh.credential->refresh_token, "r2"));
    al_reconcile_hand_in(same.credential, "r1", 2);
    check(same.credential->dead != NULL);
    al_reconcile_hand_in(same.credential, "r5", 2);
    check(same.credential->dead == NULL && holds(&same.credential->refresh_token, "r5"));
    al_buf_dispose(&alive);
    al_buf_dispose(&dead);
    world_end(&w);
    world_end(&fresh);
    world_end(&same);
    world_end(&refused);
  }
  it("stored: members that aren't known stay with their login, and go with it") {
    world w = stored_world("r1");
    al_clocks now = at(&w, day, ours);
    receive(&w, "t1", "r2");
    al_buf text = written(&w, &now), more = AL_BUF(8192);
    al_buf_add(&more, text.bytes, text.n - 2);
    al_buf_adds(&more, ",\"key\":\"k\"}\n");
    hear(&w, al_buf_text(&more), &now);
    receive(&w, "t2", "r3");
    al_buf next = written(&w, &now);
    check(strstr(al_buf_text(&next), "\"key\":\"k\"") != NULL);
    al_buf opening = AL_BUF_SECRET(100);
    al_buf_adds(&opening, "code=c");
    al_credential_open(w.credential, &opening);
    receive(&w, "t3", "r4");
    al_buf anew = written(&w, &now);
    check(strstr(al_buf_text(&anew), "\"key\"") == NULL && !hear(&w, al_buf_text(&next), &now));
    al_buf_dispose(&text);
    al_buf_dispose(&more);
    al_buf_dispose(&next);
    al_buf_dispose(&anew);
    al_buf_dispose(&opening);
    world_end(&w);
  }
  it("stored: a record has no client secret in it") {
    world w = stored_world("");
    al_clocks now = at(&w, day, ours);
    receive(&w, "t1", "");
    al_buf text = written(&w, &now);
    check(strstr(al_buf_text(&text), "secret") == NULL && strstr(al_buf_text(&text), "\"client_id\":\"id\"") != NULL);
    al_buf_dispose(&text);
    world_end(&w);
  }
}

int main (void) {
  documents();
  clocks();
  logins();
  return test_over();
}
