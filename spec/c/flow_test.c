/* flow: one call, from its first thought to its answer, by a made-up clock. */
#include "world.h"

enum { seconds = 1000, life = 3600 * seconds };

static void begin (world *w) {
  al_flow_begin(&w->flow, w->client, w->credential, &w->request, 30 * seconds, w->now);
}

static al_next next (world *w) {
  return al_flow_next(&w->flow, w->now);
}

static void hear (world *w, int status, const char *head) {
  al_answer a = answer_of(status, head, "");
  al_flow_answered(&w->flow, &a, 0, w->now);
}

static void lead (world *w, int status, const char *location) {
  al_answer a = answer_of(status, "", "");
  a.location = location;
  al_flow_answered(&w->flow, &a, 0, w->now);
}

static bool failed_with (const world *w, al_outcome outcome, const char *code) {
  return w->flow.fault != NULL && w->flow.fault->outcome == outcome && strcmp(w->flow.fault->code, code) == 0;
}

/* ---- whose token ---- */

static void tokens (void) {
  it("flow: a fresh token is sent, and an answer of 200 is the end") {
    world w = world_of(&al_grant_client_credentials, "");
    give_token(&w, "t1", life);
    begin(&w);
    check(next(&w) == AL_NEXT_SEND && line_is(w.flow.token, "t1"));
    hear(&w, 200, "");
    check(next(&w) == AL_NEXT_DONE && w.flow.token == NULL && w.flow.fault == NULL && w.client->noted == 0);
    world_end(&w);
  }
  it("flow: without a token, one is asked for first") {
    world w = world_of(&al_grant_client_credentials, "");
    begin(&w);
    check(next(&w) == AL_NEXT_TOKEN && next(&w) == AL_NEXT_TOKEN);
    give_token(&w, "t1", life);
    al_flow_renewed(&w.flow, NULL, w.now);
    check(next(&w) == AL_NEXT_SEND && line_is(w.flow.token, "t1"));
    world_end(&w);
  }
  it("flow: who wants only the token is done when there is one") {
    world w = world_of(&al_grant_client_credentials, "");
    al_flow_begin(&w.flow, w.client, w.credential, NULL, 1000, w.now);
    check(next(&w) == AL_NEXT_TOKEN);
    give_token(&w, "t1", life);
    al_flow_renewed(&w.flow, NULL, w.now);
    check(next(&w) == AL_NEXT_DONE && w.flow.token == NULL);
    w.now += 5000;
    check(next(&w) == AL_NEXT_DONE);
    world_end(&w);
  }
  it("flow: who wants a new one by force gets it, however fresh the old one") {
    world w = world_of(&al_grant_client_credentials, "");
    give_token(&w, "t1", life);
    al_flow_begin(&w.flow, w.client, w.credential, NULL, 1000, w.now);
    w.flow.force = true;
    check(next(&w) == AL_NEXT_TOKEN);
    give_token(&w, "t2", life);
    al_flow_renewed(&w.flow, NULL, w.now);
    check(next(&w) == AL_NEXT_DONE);
    world_end(&w);
  }
  it("flow: by force, a failed renewal is a failure, though the old token lives") {
    world w = world_of(&al_grant_client_credentials, "");
    give_token(&w, "t1", life);
    begin(&w);
    w.flow.force = true;
    al_fault f;
    al_fault_set(&f, AL_NETWORK, AL_TRANSIENT, "connect", "m");
    check(next(&w) == AL_NEXT_TOKEN);
    al_flow_renewed(&w.flow, &f, w.now);
    check(next(&w) == AL_NEXT_FAIL && failed_with(&w, AL_TRANSIENT, "connect"));
    world_end(&w);
  }
  it("flow: a token within its margin is stale to the one who renews, and good enough to all others") {
    world w = world_of(&al_grant_client_credentials, "");
    give_token(&w, "t1", life);
    w.now += life - 60 * seconds - 1;
    begin(&w);
    check(next(&w) == AL_NEXT_SEND);
    w.now++;
    check(next(&w) == AL_NEXT_TOKEN);
    al_renewal_begin(&w.renewal, w.client, w.credential, NULL, w.now);
    check(next(&w) == AL_NEXT_SEND && line_is(w.flow.token, "t1"));
    renewal_end(&w);
    check(next(&w) == AL_NEXT_TOKEN);
    world_end(&w);
  }
  it("flow: an expired token is not used, though a renewal is under way") {
    world w = world_of(&al_grant_client_credentials, "");
    give_token(&w, "t1", life);
    w.now += life;
    al_renewal_begin(&w.renewal, w.client, w.credential, NULL, w.now);
    begin(&w);
    check(next(&w) == AL_NEXT_TOKEN);
    renewal_end(&w);
    world_end(&w);
  }
  it("flow: a failed renewal settles for the old token while that lives, and not a moment longer") {
    for (int alive = 0; alive < 2; alive++) {
      world w = world_of(&al_grant_client_credentials, "");
      give_token(&w, "t1", life);
      w.now += life - alive;
      begin(&w);
      al_fault f;
      al_fault_set(&f, AL_NETWORK, AL_TRANSIENT, "connect", "m");
      check(next(&w) == AL_NEXT_TOKEN);
      al_flow_renewed(&w.flow, &f, w.now);
      if (alive) check(next(&w) == AL_NEXT_SEND && line_is(w.flow.token, "t1"));
      else check(next(&w) == AL_NEXT_FAIL && failed_with(&w, AL_TRANSIENT, "connect"));
      world_end(&w);
    }
  }
  it("flow: a buried credential's token serves until it is over, then the burial's fault is told") {
    world w = world_of(&al_grant_refresh_token, "r");
    give_token(&w, "t1", life);
    al_fault f;
    al_fault_set(&f, AL_OAUTH, AL_REVOKED, "login_required", "m");
    al_credential_bury(w.credential, &f);
    w.now += life - 1;
    begin(&w);
    check(next(&w) == AL_NEXT_SEND);
    w.now++;
    check(next(&w) == AL_NEXT_FAIL && failed_with(&w, AL_REVOKED, "login_required"));
    world_end(&w);
  }
  it("flow: with no token and nothing to get one with, the user must log in") {
    world w = world_of(&al_grant_authorization_code, "");
    begin(&w);
    check(next(&w) == AL_NEXT_FAIL && failed_with(&w, AL_INTERACTION, "login_required") &&
          w.flow.fault->kind == AL_OAUTH);
    check(next(&w) == AL_NEXT_FAIL);
    world_end(&w);
  }
  it("flow: a request that broke has failed, and lets go of its token") {
    world w = world_of(&al_grant_client_credentials, "");
    give_token(&w, "t1", life);
    begin(&w);
    al_fault f;
    al_fault_set(&f, AL_NETWORK, AL_TRANSIENT, "connect", "m");
    check(next(&w) == AL_NEXT_SEND);
    al_flow_broke(&w.flow, &f);
    check(next(&w) == AL_NEXT_FAIL && failed_with(&w, AL_TRANSIENT, "connect") && w.flow.token == NULL &&
          w.credential->token->refs == 1);
    world_end(&w);
  }
}

/* ---- 401 ---- */

static void refusals (void) {
  it("flow: 401 drops the token and takes one new one; a second 401 is the answer") {
    world w = world_of(&al_grant_client_credentials, "");
    give_token(&w, "t1", life);
    begin(&w);
    check(next(&w) == AL_NEXT_SEND);
    hear(&w, 401, "");
    check(w.credential->token == NULL && next(&w) == AL_NEXT_TOKEN && noted(w.client, "token_dropped") == 1);
    give_token(&w, "t2", life);
    al_flow_renewed(&w.flow, NULL, w.now);
    check(next(&w) == AL_NEXT_SEND && line_is(w.flow.token, "t2"));
    hear(&w, 401, "");
    check(next(&w) == AL_NEXT_DONE && line_is(w.credential->token, "t2") && noted(w.client, "token_dropped") == 1);
    world_end(&w);
  }
  it("flow: 401 to an old token leaves another call's newer one alone, and uses it") {
    world w = world_of(&al_grant_client_credentials, "");
    give_token(&w, "t1", life);
    begin(&w);
    check(next(&w) == AL_NEXT_SEND);
    give_token(&w, "t2", life);
    hear(&w, 401, "");
    check(line_is(w.credential->token, "t2") && next(&w) == AL_NEXT_SEND && line_is(w.flow.token, "t2"));
    world_end(&w);
  }
  it("flow: when the renewal after a 401 fails, that is told") {
    world w = world_of(&al_grant_client_credentials, "");
    give_token(&w, "t1", life);
    begin(&w);
    next(&w);
    hear(&w, 401, "");
    al_fault f;
    al_fault_set(&f, AL_OAUTH, AL_MISCONFIGURED, "invalid_client", "m");
    check(next(&w) == AL_NEXT_TOKEN);
    al_flow_renewed(&w.flow, &f, w.now);
    check(next(&w) == AL_NEXT_FAIL && failed_with(&w, AL_MISCONFIGURED, "invalid_client"));
    world_end(&w);
  }
  static const struct {
    const char *what;
    int status;
    const char *head;
    bool permanent, begun;
    bool renews;
  } rows[] = {
    { "a permanent token", 401, "", true, false, false },
    { "a body reader that has begun", 401, "", false, true, false },
    { "insufficient_scope", 401, "WWW-Authenticate: Bearer realm=\"x\", error=\"insufficient_scope\"\r\n", false, false,
      false },
    { "invalid_request", 401, "WWW-Authenticate: Bearer error=\"invalid_request\"\r\n", false, false, true },
    { "a challenge without a scheme", 401, "WWW-Authenticate: error=\"invalid_request\"\r\n", false, false, true },
    { "a challenge that is nothing", 401, "WWW-Authenticate: \r\n", false, false, true },
    { "insufficient_scope without a scheme", 401, "WWW-Authenticate: error=insufficient_scope\r\n", false, false,
      false },
    { "invalid_token", 401, "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n", false, false, true },
    { "nothing said", 401, "", false, false, true },
    { "403", 403, "", false, false, false },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    it("flow: a refusal, %s: %s", rows[i].what, rows[i].renews ? "a new token" : "the answer") {
      world w = world_of(rows[i].permanent ? &al_grant_permanent_token : &al_grant_client_credentials,
                         rows[i].permanent ? "p" : "");
      if (!rows[i].permanent) give_token(&w, "t1", life);
      begin(&w);
      check(next(&w) == AL_NEXT_SEND);
      w.request.reads = w.request.read_from = rows[i].begun;
      hear(&w, rows[i].status, rows[i].head);
      check(next(&w) == (rows[i].renews ? AL_NEXT_TOKEN : AL_NEXT_DONE) &&
            (w.credential->token == NULL) == rows[i].renews);
      al_flow_over(&w.flow);
      check((w.credential->token == NULL) == (rows[i].renews || rows[i].begun));
      world_end(&w);
    }
  }
}

/* ---- 429 and 503 ---- */

static void waits (void) {
  static const int statuses[] = { 429, 503 };
  for (int i = 0; i < 2; i++) {
    it("flow: %d waits as long as Retry-After says, as often as `retries`, then it is the answer", statuses[i]) {
      world w = world_of(&al_grant_client_credentials, "");
      give_token(&w, "t1", life);
      begin(&w);
      for (int t = 0; t < 2; t++) {
        check(next(&w) == AL_NEXT_SEND);
        hear(&w, statuses[i], "Retry-After: 7\r\n");
        check(next(&w) == AL_NEXT_WAIT && w.flow.wait_until == w.now + 7 * seconds);
        w.now += 7 * seconds - 1;
        check(next(&w) == AL_NEXT_WAIT);
        w.now++;
      }
      check(next(&w) == AL_NEXT_SEND);
      hear(&w, statuses[i], "Retry-After: 7\r\n");
      check(next(&w) == AL_NEXT_DONE && noted(w.client, "retry") == 2 && w.client->notes[0].wait_ms == 7 * seconds);
      world_end(&w);
    }
  }
  it("flow: without Retry-After the wait doubles, and its jitter stays in bounds") {
    for (unsigned jitter = 0; jitter < 3000; jitter += 7) {
      world w = world_of(&al_grant_client_credentials, "");
      give_token(&w, "t1", life);
      begin(&w);
      al_answer a = answer_of(503, "", "");
      for (int t = 0, most = AL_BACKOFF_MS; t < 2; t++, most *= 2) {
        check(next(&w) == AL_NEXT_SEND);
        al_flow_answered(&w.flow, &a, jitter, w.now);
        check(next(&w) == AL_NEXT_WAIT && w.flow.wait_until >= w.now + most / 2 && w.flow.wait_until <= w.now + most);
        w.now = w.flow.wait_until;
      }
      world_end(&w);
    }
  }
  static const struct {
    const char *what, *head;
    int retries;
    bool begun, waits;
  } rows[] = {
    { "one that ends just before the deadline", "Retry-After: 29\r\n", 2, false, true },
    { "one up to the deadline", "Retry-After: 30\r\n", 2, false, false },
    { "one beyond the deadline", "Retry-After: 3000\r\n", 2, false, false },
    { "none with `retries` of 0", "Retry-After: 1\r\n", 0, false, false },
    { "none with a reader that has begun", "Retry-After: 1\r\n", 2, true, false },
    { "one of 0 s", "Retry-After: 0\r\n", 2, false, true },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    it("flow: a wait, %s", rows[i].what) {
      world w = world_of(&al_grant_client_credentials, "");
      w.client->settings.retries = rows[i].retries;
      give_token(&w, "t1", life);
      begin(&w);
      check(next(&w) == AL_NEXT_SEND);
      w.request.reads = w.request.read_from = rows[i].begun;
      hear(&w, 429, rows[i].head);
      al_next then = next(&w);
      check(rows[i].waits ? then == AL_NEXT_WAIT || then == AL_NEXT_SEND : then == AL_NEXT_DONE);
      check(noted(w.client, "retry") == (rows[i].waits ? 1 : 0));
      world_end(&w);
    }
  }
  it("flow: at its deadline it fails, waiting or not, and a millisecond earlier it doesn't") {
    for (int i = 0; i < 2; i++) {
      world w = world_of(&al_grant_client_credentials, "");
      if (i == 0) give_token(&w, "t1", life);
      begin(&w);
      w.now += 30 * seconds - 1;
      check(next(&w) == (i == 0 ? AL_NEXT_SEND : AL_NEXT_TOKEN));
      w.now++;
      check(next(&w) == AL_NEXT_FAIL && failed_with(&w, AL_TRANSIENT, "timeout") && w.flow.fault->kind == AL_NETWORK);
      world_end(&w);
    }
  }
  it("flow: without a time-out there is no deadline") {
    world w = world_of(&al_grant_client_credentials, "");
    give_token(&w, "t1", -1);
    al_flow_begin(&w.flow, w.client, w.credential, &w.request, INT64_MAX, w.now);
    w.now += 1LL << 50;
    check(next(&w) == AL_NEXT_SEND);
    hear(&w, 503, "Retry-After: 1000000\r\n");
    check(next(&w) == AL_NEXT_WAIT);
    world_end(&w);
  }
}

/* ---- redirects ---- */

static void table (void) {
  static const struct {
    const char *what, *url;
    bool same;
  } places[] = {
    { "same origin", "https://api.example/other", true },
    { "same origin, its port written out", "https://api.example:443/other", true },
    { "another port", "https://api.example:8443/other", false },
    { "another host", "https://evil.example/other", false },
    { "a host below", "https://x.api.example/other", false },
  };
  static const int statuses[] = { 301, 302, 303, 307, 308 };
  static const char *const methods[] = { "GET", "HEAD", "POST" };
  for (size_t p = 0; p < 5; p++)
    for (size_t s = 0; s < 5; s++)
      for (size_t m = 0; m < 3; m++) {
        bool post = m == 2, see_other = statuses[s] == 303, keeps = statuses[s] >= 307;
        bool follows = !post || see_other || (keeps && places[p].same);
        it("flow: %s redirected by %d, %s: %s", methods[m], statuses[s], places[p].what,
           !follows         ? "not followed"
           : places[p].same ? "followed"
                            : "followed bare") {
          world w = world_of(&al_grant_client_credentials, "");
          al_request_method(&w.request, methods[m], strlen(methods[m]));
          if (post) al_buf_adds(&w.request.body, "body");
          w.request.has_body = post;
          give_token(&w, "t1", life);
          begin(&w);
          check(next(&w) == AL_NEXT_SEND);
          lead(&w, statuses[s], places[p].url);
          check(next(&w) == (follows ? AL_NEXT_SEND : AL_NEXT_DONE));
          check(strcmp(w.request.method, follows && post && see_other ? "GET" : methods[m]) == 0);
          check(w.request.has_body == (post && !(follows && see_other)) &&
                w.request.body.n == (w.request.has_body ? 4 : 0));
          check(holds(&w.request.url, follows ? places[p].url : "https://api.example/v1/me"));
          check(w.request.bare == (follows && !places[p].same) &&
                (w.flow.token != NULL) == (follows && places[p].same));
          world_end(&w);
        }
      }
}

/* A GET of `from`, led to `to`; what is next. */
static al_next led (world *w, const char *from, int status, const char *to) {
  *w = world_of(&al_grant_client_credentials, "");
  check(al_request_lead(&w->request, from, strlen(from)) == NULL);
  give_token(w, "t1", life);
  begin(w);
  check(next(w) == AL_NEXT_SEND);
  lead(w, status, to);
  return next(w);
}

static void redirects (void) {
  static const struct {
    const char *what, *from, *to;
    int status;
    bool follows, bare;
  } rows[] = {
    { "from https to http on this machine isn't followed", "https://api.example/", "http://localhost/", 302, false,
      false },
    { "from https to http on the same host isn't followed", "https://localhost/", "http://localhost/", 302, false,
      false },
    { "from http on this machine to https is followed, bare", "http://localhost/", "https://localhost/", 302, true,
      true },
    { "to http elsewhere isn't followed", "http://localhost/", "http://api.example/", 302, false, false },
    { "within this machine by http is followed", "http://127.0.0.1:80/", "http://127.0.0.1/x", 302, true, false },
    { "to the other name of this machine goes bare", "http://127.0.0.1/", "http://localhost/", 302, true, true },
    { "to what is no URL isn't followed", "https://api.example/", "https://api.example/a b", 302, false, false },
    { "with a password in it isn't followed", "https://api.example/", "https://api.example@evil.example/", 302, false,
      false },
    { "to another scheme isn't followed", "https://api.example/", "ftp://api.example/", 302, false, false },
    { "to an address inside isn't followed", "https://api.example/", "https://169.254.169.254/", 302, false, false },
    { "to this machine by https isn't followed", "https://api.example/", "https://localhost/", 302, false, false },
    { "within a private address goes bare", "https://10.0.0.1/", "https://10.0.0.1:8443/", 302, true, true },
    { "to nowhere is the answer", "https://api.example/", NULL, 302, false, false },
    { "by 300 is the answer", "https://api.example/", "https://api.example/x", 300, false, false },
    { "by 304 is the answer", "https://api.example/", "https://api.example/x", 304, false, false },
    { "by 200 is the answer", "https://api.example/", "https://api.example/x", 200, false, false },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    it("flow: a redirect %s", rows[i].what) {
      world w;
      check(led(&w, rows[i].from, rows[i].status, rows[i].to) == (rows[i].follows ? AL_NEXT_SEND : AL_NEXT_DONE));
      check(w.request.bare == rows[i].bare && (w.flow.token != NULL) == (rows[i].follows && !rows[i].bare));
      world_end(&w);
    }
  }
  it("flow: a redirect's fragment isn't sent") {
    world w;
    check(led(&w, "https://api.example/", 302, "https://api.example/x?y#z") == AL_NEXT_SEND &&
          holds(&w.request.url, "https://api.example/x?y"));
    world_end(&w);
  }
  it("flow: once bare it stays bare, back home too, and needs no token") {
    world w;
    check(led(&w, "https://api.example/", 302, "https://evil.example/") == AL_NEXT_SEND);
    al_credential_refuse(w.credential, 1);
    lead(&w, 302, "https://api.example/v1/me");
    check(next(&w) == AL_NEXT_SEND && w.request.bare && w.flow.token == NULL);
    hear(&w, 401, "");
    check(next(&w) == AL_NEXT_DONE && noted(w.client, "token_dropped") == 0);
    world_end(&w);
  }
  it("flow: so many redirects are followed, and one more is a failure") {
    world w = world_of(&al_grant_client_credentials, "");
    give_token(&w, "t1", life);
    begin(&w);
    for (int i = 0; i < AL_MAX_REDIRECTS; i++) {
      check(next(&w) == AL_NEXT_SEND);
      lead(&w, 302, "https://api.example/round");
    }
    check(next(&w) == AL_NEXT_SEND);
    lead(&w, 302, "https://api.example/round");
    check(next(&w) == AL_NEXT_FAIL && failed_with(&w, AL_MISCONFIGURED, "redirects"));
    world_end(&w);
  }
  it("flow: a request to the server's own endpoints is never led elsewhere") {
    for (int s = 301; s <= 308; s++) {
      world w = world_of(&al_grant_none, "");
      w.request.endpoint = w.request.bare = true;
      begin(&w);
      check(next(&w) == AL_NEXT_SEND && w.flow.token == NULL);
      lead(&w, s, "https://api.example/other");
      check(next(&w) == AL_NEXT_DONE && holds(&w.request.url, "https://api.example/v1/me"));
      world_end(&w);
    }
  }
  it("flow: a body whose reader has begun isn't sent to another place, but a 303 leaves it behind") {
    static const int statuses[] = { 307, 308, 303 };
    for (int i = 0; i < 3; i++) {
      world w = world_of(&al_grant_client_credentials, "");
      al_request_method(&w.request, "PUT", 3);
      give_token(&w, "t1", life);
      begin(&w);
      check(next(&w) == AL_NEXT_SEND);
      w.request.has_body = w.request.reads = w.request.read_from = true;
      lead(&w, statuses[i], "https://api.example/x");
      check(next(&w) == (i < 2 ? AL_NEXT_DONE : AL_NEXT_SEND));
      check(w.request.reads == (i < 2) && strcmp(w.request.method, i < 2 ? "PUT" : "GET") == 0);
      world_end(&w);
    }
  }
  it("flow: a GET's body, too, stays with its origin, and isn't sent again once its reader has begun") {
    for (int i = 0; i < 3; i++) {
      world w = world_of(&al_grant_client_credentials, "");
      w.request.has_body = true;
      w.request.reads = i == 2;
      give_token(&w, "t1", life);
      begin(&w);
      check(next(&w) == AL_NEXT_SEND);
      w.request.read_from = i == 2;
      lead(&w, 307, i == 0 ? "https://evil.example/x" : "https://api.example/x");
      check(next(&w) == (i == 1 ? AL_NEXT_SEND : AL_NEXT_DONE));
      world_end(&w);
    }
  }
}

int main (void) {
  tokens();
  refusals();
  waits();
  table();
  redirects();
  return test_over();
}
