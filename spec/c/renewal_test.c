/* renewal: one token call to the token endpoint, by a made-up clock. */
#include "world.h"

#include "ground/encode.h"

enum { seconds = 1000, life = 3600 * seconds };

static void begin (world *w) {
  al_renewal_begin(&w->renewal, w->client, w->credential, NULL, w->now);
  compose(w);
}

static al_next next (world *w) {
  return al_renewal_next(&w->renewal, w->now);
}

static void hear (world *w, int status, const char *head, const char *body) {
  al_answer a = answer_of(status, head, body);
  al_renewal_answered(&w->renewal, &a, 0, w->now);
}

static void lose (world *w, al_outcome outcome, const char *code) {
  al_fault f;
  al_fault_set(&f, AL_NETWORK, outcome, code, "m");
  al_renewal_broke(&w->renewal, &f, w->now);
}

static bool failed_with (const world *w, al_outcome outcome, const char *code) {
  const al_fault *f = &w->renewal.fault;
  return f->kind != AL_FINE && f->outcome == outcome && strcmp(f->code, code) == 0;
}

static void end (world *w) {
  renewal_end(w);
  world_end(w);
}

static void open_with (world *w, const char *form, int64_t poll_ms, int64_t for_ms) {
  al_buf opening = AL_BUF_SECRET(AL_MAX_TOKEN_REPLY);
  al_buf_adds(&opening, form);
  al_credential_open(w->credential, &opening);
  w->credential->poll_ms = poll_ms;
  w->credential->poll_until = w->now + for_ms;
  al_buf_dispose(&opening);
}

/* ---- what is asked ---- */

static void requests (void) {
  it("renewal: asks by POST, with a form, and once who it is [6749-06, 6749-08]") {
    world w = world_of(&al_grant_client_credentials, "");
    begin(&w);
    const al_request *q = &w.renewal.request;
    check(next(&w) == AL_NEXT_SEND && strcmp(q->method, "POST") == 0 && q->has_body && !q->reads);
    check(holds(&q->url, "https://auth.example/token?tenant=a") && holds(&q->body, "grant_type=client_credentials"));
    check(q->line_count == 2 && strcmp(q->lines.bytes, "Content-Type: application/x-www-form-urlencoded") == 0 &&
          al_request_has(q, "Accept"));
    check(holds(&w.renewal.authorization, "Authorization: Basic aWQ6c2VjcmV0") && w.renewal.authorization.secret &&
          q->body.secret);
    end(&w);
  }
  it("renewal: [6749-06] a scope goes along, percent-encoded as UTF-8") {
    world w = world_of(&al_grant_client_credentials, "");
    al_buf_adds(&w.credential->scope, "a b\xC3\xA9");
    begin(&w);
    check(holds(&w.renewal.request.body, "grant_type=client_credentials&scope=a+b%C3%A9"));
    end(&w);
  }
  static const struct {
    const char *what, *method, *id, *secret, *authorization, *body;
    bool raw;
  } rows[] = {
    { "[6749-09] Basic encodes both halves", "client_secret_basic", "a:b c", "%+\xC3\xA9", "a%3Ab+c:%25%2B%C3%A9",
      "grant_type=client_credentials", false },
    { "Basic sends them raw to servers that don't decode", "client_secret_basic", "a", "%+\xC3\xA9", "a:%+\xC3\xA9",
      "grant_type=client_credentials", true },
    { "[6749-08] in the body, and then nowhere else", "client_secret_post", "a b", "s&", NULL,
      "grant_type=client_credentials&client_id=a+b&client_secret=s%26", false },
    { "[6749-11] a public client names itself in the body", "none", "a b", "", NULL,
      "grant_type=client_credentials&client_id=a+b", false },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    it("renewal: who asks, %s", rows[i].what) {
      world w = { .now = 1000000, .client = new_client(rows[i].id, rows[i].secret) };
      al_cache_init(&w.cache);
      al_request_init(&w.request);
      w.client->auth = al_clientauth_find(rows[i].method);
      w.client->raw_basic = rows[i].raw;
      al_identity who = identity(w.client, &al_grant_client_credentials, "");
      w.credential = al_cache_find(&w.cache, &who, w.now);
      begin(&w);
      al_buf expected = AL_BUF(1000);
      if (rows[i].authorization != NULL) {
        al_buf_adds(&expected, "Authorization: Basic ");
        al_encode_base64(&expected, rows[i].authorization, strlen(rows[i].authorization));
      }
      check(next(&w) == AL_NEXT_SEND && holds(&w.renewal.authorization, al_buf_text(&expected)) &&
            holds(&w.renewal.request.body, rows[i].body));
      al_buf_dispose(&expected);
      end(&w);
    }
  }
  it("renewal: a secret given for this once is used, and moved in") {
    world w = world_of(&al_grant_client_credentials, "");
    al_buf secret = AL_BUF_SECRET(100);
    al_buf_adds(&secret, "other");
    al_renewal_begin(&w.renewal, w.client, w.credential, &secret, w.now);
    check(secret.bytes == NULL && w.renewal.secret.secret && compose(&w) &&
          holds(&w.renewal.authorization, "Authorization: Basic aWQ6b3RoZXI="));
    end(&w);
  }
  it("renewal: a refresh token is asked with where there is one, with its scope only where the program narrowed it") {
    world w = world_of(&al_grant_refresh_token, "r&1");
    al_buf_adds(&w.credential->scope, "a");
    begin(&w);
    check(w.renewal.plea == AL_ASK_BY_REFRESH &&
          holds(&w.renewal.request.body, "grant_type=refresh_token&refresh_token=r%261&scope=a"));
    end(&w);
    w = world_of(&al_grant_authorization_code, "");
    al_buf_adds(&w.credential->scope, "a");
    al_buf_adds(&w.credential->refresh_token, "r");
    begin(&w);
    check(holds(&w.renewal.request.body, "grant_type=refresh_token&refresh_token=r"));
    end(&w);
  }
  it("renewal: an opening goes as it is") {
    world w = world_of(&al_grant_authorization_code, "");
    open_with(&w, "grant_type=authorization_code&code=c", 0, 0);
    begin(&w);
    check(next(&w) == AL_NEXT_SEND && w.renewal.plea == AL_ASK_BY_OPENING &&
          holds(&w.renewal.request.body, "grant_type=authorization_code&code=c"));
    end(&w);
  }
  it("renewal: the credential knows of it while it lasts, and both are let go of") {
    world w = world_of(&al_grant_client_credentials, "");
    int clients = w.client->refs;
    begin(&w);
    check(w.credential->renewal == &w.renewal && w.credential->refs == 2 && w.client->refs == clients + 1);
    renewal_end(&w);
    check(w.credential->renewal == NULL && w.credential->refs == 1 && w.client->refs == clients &&
          w.renewal.authorization.bytes == NULL);
    world_end(&w);
  }
}

/* ---- what comes of it ---- */

static void successes (void) {
  it("renewal: a good answer is adopted, and noted") {
    world w = world_of(&al_grant_client_credentials, "");
    check(renew_with(&w, 200, "", "{\"access_token\":\"t\",\"token_type\":\"bearer\",\"expires_in\":60}") ==
          AL_NEXT_DONE);
    check(line_is(w.credential->token, "t") && w.credential->token->expires_at == w.now + 60 * seconds &&
          w.credential->serial == 1);
    check(w.client->noted == 1 && noted(w.client, "token_received") == 1);
    w.now += 3600 * seconds;
    check(next(&w) == AL_NEXT_DONE);
    end(&w);
  }
  it("renewal: a missing token_type is forgiven, with a warning") {
    world w = world_of(&al_grant_client_credentials, "");
    check(renew_with(&w, 200, "", "{\"access_token\":\"t\"}") == AL_NEXT_DONE && noted(w.client, "warning") == 1);
    end(&w);
  }
  static const struct {
    const char *what, *body, *kept;
  } rows[] = {
    { "a new refresh token replaces the old one",
      "{\"access_token\":\"t\",\"token_type\":\"bearer\",\"refresh_token\":\"r2\"}", "r2" },
    { "without a new refresh token the old one stays", "{\"access_token\":\"t\",\"token_type\":\"bearer\"}", "r1" },
    { "an empty refresh token leaves the old one",
      "{\"access_token\":\"t\",\"token_type\":\"bearer\",\"refresh_token\":\"\"}", "r1" },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    it("renewal: [6749-22] %s", rows[i].what) {
      world w = world_of(&al_grant_refresh_token, "r1");
      check(renew_with(&w, 200, "", rows[i].body) == AL_NEXT_DONE && holds(&w.credential->refresh_token, rows[i].kept));
      end(&w);
    }
  }
  it("renewal: an opening is wiped once it was redeemed, and its refresh token is asked with next") {
    world w = world_of(&al_grant_authorization_code, "");
    open_with(&w, "grant_type=authorization_code&code=c", 0, 0);
    check(renew_with(&w, 200, "", "{\"access_token\":\"t\",\"refresh_token\":\"r\"}") == AL_NEXT_DONE);
    renewal_end(&w);
    check(w.credential->opening.bytes == NULL);
    begin(&w);
    check(w.renewal.plea == AL_ASK_BY_REFRESH);
    end(&w);
  }
}

static void failures (void) {
  it("renewal: invalid_grant on a refresh token is the definite no: the user must log in, and it is remembered") {
    world w = world_of(&al_grant_refresh_token, "r");
    check(renew_with(&w, 400, "", "{\"error\":\"invalid_grant\",\"error_description\":\"gone\"}") == AL_NEXT_FAIL);
    check(failed_with(&w, AL_REVOKED, "login_required") && strcmp(w.renewal.fault.error, "invalid_grant") == 0 &&
          w.renewal.fault.status == 400);
    check(strcmp(w.renewal.fault.description, "gone") == 0 && strstr(w.renewal.fault.message, "gone") != NULL);
    check(w.credential->dead != NULL && strcmp(w.credential->dead->error, "invalid_grant") == 0 &&
          !al_credential_renewable(w.credential));
    check(noted(w.client, "token_refused") == 1);
    end(&w);
  }
  it("renewal: invalid_grant on an opening asks for the user, and the opening is wiped") {
    world w = world_of(&al_grant_authorization_code, "");
    open_with(&w, "grant_type=authorization_code&code=c", 0, 0);
    check(renew_with(&w, 400, "", "{\"error\":\"invalid_grant\"}") == AL_NEXT_FAIL &&
          failed_with(&w, AL_INTERACTION, "invalid_grant"));
    check(strcmp(al_outcome_name(w.renewal.fault.outcome), "interaction_required") == 0 && w.credential->dead == NULL);
    renewal_end(&w);
    check(w.credential->opening.bytes == NULL && !al_credential_renewable(w.credential));
    world_end(&w);
  }
  static const struct {
    const char *what;
    int status;
    const char *body;
    al_outcome outcome;
  } rows[] = {
    { "invalid_client", 401, "{\"error\":\"invalid_client\"}", AL_MISCONFIGURED },
    { "invalid_scope", 400, "{\"error\":\"invalid_scope\"}", AL_MISCONFIGURED },
    { "malformed_reply", 200, "<html>", AL_MISCONFIGURED },
    { "unexpected_redirect", 302, "", AL_MISCONFIGURED },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    it("renewal: %s is told, and kills no refresh token", rows[i].what) {
      world w = world_of(&al_grant_refresh_token, "r");
      check(renew_with(&w, rows[i].status, "", rows[i].body) == AL_NEXT_FAIL &&
            failed_with(&w, rows[i].outcome, rows[i].what));
      check(w.credential->dead == NULL && holds(&w.credential->refresh_token, "r") &&
            al_credential_renewable(w.credential));
      end(&w);
    }
  }
  it("renewal: a network's failure is told, and kills no refresh token") {
    world w = world_of(&al_grant_refresh_token, "r");
    begin(&w);
    check(next(&w) == AL_NEXT_SEND);
    lose(&w, AL_TRANSIENT, "connect");
    check(next(&w) == AL_NEXT_FAIL && failed_with(&w, AL_TRANSIENT, "connect") && noted(w.client, "token_failed") == 1);
    check(w.credential->dead == NULL && al_credential_renewable(w.credential));
    end(&w);
  }
  it("renewal: at its deadline it fails, and a millisecond earlier it doesn't") {
    world w = world_of(&al_grant_refresh_token, "r");
    begin(&w);
    w.now += AL_TIMEOUT_MS - 1;
    check(next(&w) == AL_NEXT_SEND);
    w.now++;
    check(next(&w) == AL_NEXT_FAIL && failed_with(&w, AL_TRANSIENT, "timeout") && w.credential->dead == NULL);
    end(&w);
  }
  it("renewal: without a time-out there is no deadline") {
    world w = world_of(&al_grant_refresh_token, "r");
    w.client->settings.timeout_ms = INT64_MAX;
    begin(&w);
    w.now += 1LL << 50;
    check(next(&w) == AL_NEXT_SEND);
    end(&w);
  }
}

/* ---- 429 and 503 ---- */

static void waits (void) {
  static const struct {
    int status;
    const char *code;
  } rows[] = { { 429, "slow_down" }, { 503, "temporarily_unavailable" } };
  for (int i = 0; i < 2; i++) {
    it("renewal: %d waits as long as Retry-After says, as often as `retries`, then it is the answer", rows[i].status) {
      world w = world_of(&al_grant_client_credentials, "");
      begin(&w);
      for (int t = 0; t < 2; t++) {
        check(next(&w) == AL_NEXT_SEND);
        hear(&w, rows[i].status, "Retry-After: 7\r\n", "");
        check(next(&w) == AL_NEXT_WAIT && w.renewal.wait_until == w.now + 7 * seconds &&
              w.credential->not_before == w.now + 7 * seconds);
        w.now += 7 * seconds - 1;
        check(next(&w) == AL_NEXT_WAIT);
        w.now++;
      }
      check(next(&w) == AL_NEXT_SEND);
      hear(&w, rows[i].status, "Retry-After: 7\r\n", "");
      check(next(&w) == AL_NEXT_FAIL && w.renewal.fault.outcome == AL_TRANSIENT &&
            w.renewal.fault.retry_after_ms == 7 * seconds);
      check(noted(w.client, "token_retry") == 2 && noted(w.client, "token_refused") == 1);
      end(&w);
    }
  }
  it("renewal: without Retry-After it backs off, and later token calls are free") {
    world w = world_of(&al_grant_client_credentials, "");
    begin(&w);
    for (int t = 0, most = AL_BACKOFF_MS; t < 2; t++, most *= 2) {
      check(next(&w) == AL_NEXT_SEND);
      hear(&w, 503, "", "");
      check(next(&w) == AL_NEXT_WAIT && w.renewal.wait_until >= w.now + most / 2 &&
            w.renewal.wait_until <= w.now + most);
      w.now = w.renewal.wait_until;
    }
    check(w.credential->not_before == -1);
    end(&w);
  }
  it("renewal: the wish to be left alone holds for the next token call, which waits for it") {
    world w = world_of(&al_grant_client_credentials, "");
    w.client->settings.retries = 0;
    check(renew_with(&w, 429, "Retry-After: 20\r\n", "") == AL_NEXT_FAIL);
    renewal_end(&w);
    w.now += 5 * seconds;
    begin(&w);
    check(next(&w) == AL_NEXT_WAIT && w.renewal.wait_until == w.now + 15 * seconds);
    w.now += 15 * seconds;
    check(next(&w) == AL_NEXT_SEND);
    end(&w);
  }
  it("renewal: an absurd wish is cut to minutes, and who asks by name needn't heed it") {
    world w = world_of(&al_grant_client_credentials, "");
    check(renew_with(&w, 503, "Retry-After: 315360000\r\n", "") == AL_NEXT_FAIL);
    check(w.credential->not_before == w.now + AL_MAX_REST_MS);
    renewal_end(&w);
    begin(&w);
    check(next(&w) == AL_NEXT_FAIL && failed_with(&w, AL_TRANSIENT, "slow_down"));
    renewal_end(&w);
    begin(&w);
    w.renewal.heedless = true;
    check(next(&w) == AL_NEXT_SEND);
    end(&w);
  }
  it("renewal: a token call that can't wait as long as the wish isn't begun, and says when it could be") {
    world w = world_of(&al_grant_client_credentials, "");
    check(renew_with(&w, 503, "Retry-After: 100\r\n", "") == AL_NEXT_FAIL && noted(w.client, "token_retry") == 0);
    renewal_end(&w);
    w.now += 10 * seconds;
    begin(&w);
    check(next(&w) == AL_NEXT_FAIL && failed_with(&w, AL_TRANSIENT, "slow_down") &&
          w.renewal.fault.retry_after_ms == 90 * seconds);
    renewal_end(&w);
    w.now += 90 * seconds;
    check(renew_with(&w, 200, "", "{\"access_token\":\"t\"}") == AL_NEXT_DONE && w.credential->not_before == -1);
    end(&w);
  }
}

/* ---- device code ---- */

static const char device_form[] = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=d";

static void device (world *w) {
  *w = world_of(&al_grant_device_code, "");
  open_with(w, device_form, 5 * seconds, 600 * seconds);
  begin(w);
}

/* Whether it now waits for exactly so long, and then asks. */
static bool waits_for (world *w, int64_t ms) {
  bool ok = next(w) == AL_NEXT_WAIT && w->renewal.wait_until == w->now + ms;
  w->now += ms - 1;
  ok = ok && next(w) == AL_NEXT_WAIT;
  w->now++;
  return ok && next(w) == AL_NEXT_SEND;
}

static void polling (void) {
  it("renewal: [8628-01] the first poll comes after one interval") {
    world w;
    device(&w);
    check(waits_for(&w, 5 * seconds) && holds(&w.renewal.request.body, device_form));
    end(&w);
  }
  it("renewal: [8628-04] authorization_pending goes on at the same pace, until the token comes") {
    world w;
    device(&w);
    for (int i = 0; i < 20; i++) {
      check(waits_for(&w, 5 * seconds));
      hear(&w, 400, "", "{\"error\":\"authorization_pending\"}");
    }
    check(waits_for(&w, 5 * seconds));
    hear(&w, 200, "", "{\"access_token\":\"t\",\"token_type\":\"bearer\"}");
    check(next(&w) == AL_NEXT_DONE && line_is(w.credential->token, "t") && noted(w.client, "token_refused") == 0);
    renewal_end(&w);
    check(w.credential->opening.bytes == NULL);
    world_end(&w);
  }
  it("renewal: [8628-02] each slow_down adds 5 s, for good") {
    world w;
    device(&w);
    static const char *const says[] = { "slow_down", "authorization_pending", "slow_down", "authorization_pending" };
    static const int then[] = { 10, 10, 15, 15 };
    check(waits_for(&w, 5 * seconds));
    for (int i = 0; i < 4; i++) {
      char body[100];
      snprintf(body, sizeof body, "{\"error\":\"%s\"}", says[i]);
      hear(&w, 400, "", body);
      check(waits_for(&w, then[i] * seconds));
    }
    end(&w);
  }
  it("renewal: [8628-03] a time-out of the network doubles the interval, and doesn't end it") {
    world w;
    device(&w);
    for (int64_t ms = 5 * seconds; ms <= 40 * seconds; ms *= 2) {
      check(waits_for(&w, ms));
      lose(&w, AL_TRANSIENT, "timeout");
    }
    check(waits_for(&w, 80 * seconds));
    for (int i = 0; i < 3; i++) lose(&w, AL_TRANSIENT, "timeout");
    check(w.credential->poll_ms == 80 * seconds && noted(w.client, "token_failed") == 0);
    end(&w);
  }
  it("renewal: a failure of the network that won't pass ends the polling") {
    world w;
    device(&w);
    check(waits_for(&w, 5 * seconds));
    lose(&w, AL_MISCONFIGURED, "certificate");
    check(next(&w) == AL_NEXT_FAIL && failed_with(&w, AL_MISCONFIGURED, "certificate"));
    end(&w);
  }
  it("renewal: [8628-06] polling stops when the code has run out") {
    world w;
    device(&w);
    check(waits_for(&w, 5 * seconds));
    w.now += 595 * seconds - 1;
    check(next(&w) == AL_NEXT_SEND);
    hear(&w, 400, "", "{\"error\":\"authorization_pending\"}");
    check(next(&w) == AL_NEXT_WAIT);
    w.now++;
    check(next(&w) == AL_NEXT_FAIL && failed_with(&w, AL_INTERACTION, "expired_token"));
    end(&w);
  }
  static const struct {
    const char *code;
    al_outcome outcome;
  } ends[] = { { "access_denied", AL_INTERACTION },
               { "expired_token", AL_INTERACTION },
               { "invalid_grant", AL_INTERACTION },
               { "invalid_client", AL_MISCONFIGURED },
               { "something_else", AL_MISCONFIGURED } };
  for (int i = 0; i < 5; i++) {
    it("renewal: [8628-04, 8628-06] %s ends the polling at once", ends[i].code) {
      world w;
      device(&w);
      char body[100];
      snprintf(body, sizeof body, "{\"error\":\"%s\"}", ends[i].code);
      check(waits_for(&w, 5 * seconds));
      hear(&w, 400, "", body);
      check(next(&w) == AL_NEXT_FAIL && failed_with(&w, ends[i].outcome, ends[i].code) && w.credential->dead == NULL);
      renewal_end(&w);
      check(w.credential->opening.bytes == NULL);
      world_end(&w);
    }
  }
  static const struct {
    int status;
    const char *body;
  } passing[] = { { 500, "" },       { 502, "<html>" },
                  { 503, "" },       { 504, "{}" },
                  { 429, "" },       { 200, " \n<html>" },
                  { 403, "<html>" }, { 500, "{\"error\":\"temporarily_unavailable\"}" } };
  for (size_t i = 0; i < sizeof passing / sizeof *passing; i++) {
    it("renewal: an answer of %d (%s) says nothing of the code, which is asked for on", passing[i].status,
       passing[i].body) {
      world w;
      device(&w);
      check(waits_for(&w, 5 * seconds));
      for (int k = 0; k < 5; k++) {
        hear(&w, passing[i].status, "", passing[i].body);
        check(next(&w) == AL_NEXT_WAIT && w.renewal.wait_until >= w.now + 5 * seconds);
        w.now = w.renewal.wait_until;
        check(next(&w) == AL_NEXT_SEND);
      }
      w.now = 600 * seconds + w.now;
      check(next(&w) == AL_NEXT_FAIL && failed_with(&w, AL_INTERACTION, "expired_token"));
      end(&w);
    }
  }
  it("renewal: a page that says there is nothing ends the polling") {
    world w;
    device(&w);
    check(waits_for(&w, 5 * seconds));
    hear(&w, 404, "", "<html>");
    check(next(&w) == AL_NEXT_FAIL && failed_with(&w, AL_MISCONFIGURED, "malformed_reply"));
    end(&w);
  }
  it("renewal: [8628-01] never polls faster, not even after 429 or 503 with a shorter wait") {
    static const char *const heads[] = { "", "Retry-After: 0\r\n", "Retry-After: 1\r\n", "Retry-After: 9\r\n" };
    for (int i = 0; i < 8; i++) {
      world w;
      device(&w);
      check(waits_for(&w, 5 * seconds));
      hear(&w, i < 4 ? 429 : 503, heads[i % 4], "");
      check(waits_for(&w, (i % 4 == 3 ? 9 : 5) * seconds));
      end(&w);
    }
  }
}

int main (void) {
  requests();
  successes();
  failures();
  waits();
  polling();
  return test_over();
}
