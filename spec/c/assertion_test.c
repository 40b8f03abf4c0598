/* assertion, and the methods of clientauth that use one. */
#include "world.h"

#include "ground/encode.h"
#include "ground/jws.h"
#include "law/assertion.h"

static const char ed[] = "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\","
                         "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\",\"kid\":\"k\\\"1\"}";
static const al_stamp stamp = { .wall_ms = 1700000000999, .random = "0123456789abcdefXXXX" };

/* The value of a field of a form, decoded. */
static bool field (const al_buf *form, const char *name, al_buf *out) {
  al_buf wanted = AL_BUF(100);
  al_buf_addf(&wanted, "&%s=", name);
  const char *at = strstr(al_buf_text(form), al_buf_text(&wanted));
  size_t skip = wanted.n;
  al_buf_dispose(&wanted);
  return at != NULL && al_decode_percent(out, at + skip, strcspn(at + skip, "&"), true);
}

static void clients (void) {
  it("assertion: has iss, sub, aud, jti, iat and exp, and nothing else [7523-01]") {
    al_buf jwt = AL_BUF_SECRET(AL_MAX_JWT), secret = AL_BUF_SECRET(100);
    al_jws_parts parts;
    al_buf_adds(&secret, "0123456789abcdef0123456789abcdef");
    al_assertion a = {
      .alg = "HS256", .issuer = "me\"", .subject = "me\"", .audience = "https://as.example", .lifetime_s = 60
    };
    check(al_assertion_make(&jwt, &a, NULL, &secret, &stamp) && al_jws_split(&parts, jwt.bytes, jwt.n));
    check(holds(&parts.header, "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"));
    check(
      holds(&parts.payload,
            "{\"iss\":\"me\\\"\",\"sub\":\"me\\\"\",\"aud\":\"https://as.example\",\"jti\":\"MDEyMzQ1Njc4OWFiY2RlZg\","
            "\"iat\":1699999995,\"exp\":1700000060}"));
    check(al_jws_verify_mac("HS256", secret.bytes, secret.n, jwt.bytes, parts.signed_n, parts.signature.bytes,
                            parts.signature.n));
    al_jws_parts_dispose(&parts);
    al_buf_dispose(&jwt);
    al_buf_dispose(&secret);
  }
  it("assertion: alg none can't be had [7523-02]") {
    al_buf jwt = AL_BUF(AL_MAX_JWT), secret = AL_BUF_SECRET(100);
    al_assertion a = { .alg = "none", .issuer = "i", .subject = "i", .audience = "a", .lifetime_s = 60 };
    check(!al_assertion_make(&jwt, &a, NULL, &secret, &stamp) && jwt.n == 0);
    al_buf_dispose(&jwt);
  }
}

static void renewals (void) {
  it("renewal: private_key_jwt proves it by the exact URN and an assertion with the key's kid, and by nothing else "
     "[7523-03]") {
    const char *why;
    world w = world_of(&al_grant_client_credentials, "");
    w.client->auth = al_clientauth_find("private_key_jwt");
    w.client->key = al_key_read(ed, strlen(ed), true, &why);
    al_renewal_begin(&w.renewal, w.client, w.credential, NULL, w.now);
    const al_buf *body = &w.renewal.request.body;
    check(al_renewal_compose(&w.renewal, &stamp) && w.renewal.authorization.n == 0 &&
          strstr(body->bytes, "client_secret") == NULL);
    check(strstr(body->bytes,
                 "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&") != NULL);
    al_buf jwt = AL_BUF(AL_MAX_JWT);
    al_jws_parts parts;
    check(field(body, "client_assertion", &jwt) && al_jws_split(&parts, jwt.bytes, jwt.n));
    check(holds(&parts.header, "{\"alg\":\"EdDSA\",\"kid\":\"k\\\"1\",\"typ\":\"JWT\"}"));
    check(strstr(al_buf_text(&parts.payload), "\"aud\":\"https://auth.example/token?tenant=a\"") != NULL);
    check(al_jws_verify("EdDSA", w.client->key, jwt.bytes, parts.signed_n, parts.signature.bytes, parts.signature.n));
    al_jws_parts_dispose(&parts);
    al_buf_dispose(&jwt);
    renewal_end(&w);
    world_end(&w);
  }
  it("renewal: each attempt has an assertion of its own, and the form once [7523-04]") {
    world w = world_of(&al_grant_client_credentials, "");
    w.client->auth = al_clientauth_find("client_secret_jwt");
    al_renewal_begin(&w.renewal, w.client, w.credential, NULL, w.now);
    al_stamp later = { .wall_ms = 1700000009000, .random = "fedcba9876543210" };
    al_buf first = AL_BUF(AL_MAX_JWT), second = AL_BUF(AL_MAX_JWT);
    check(al_renewal_compose(&w.renewal, &stamp) && field(&w.renewal.request.body, "client_assertion", &first));
    check(al_renewal_compose(&w.renewal, &later) && field(&w.renewal.request.body, "client_assertion", &second));
    check(first.n > 0 && second.n > 0 && strcmp(first.bytes, second.bytes) != 0);
    const char *form = w.renewal.request.body.bytes;
    check(strncmp(form, "grant_type=client_credentials&", 30) == 0 && strstr(form + 1, "grant_type=") == NULL);
    check(strstr(strstr(form, "client_assertion=") + 1, "client_assertion=") == NULL);
    al_buf_dispose(&first);
    al_buf_dispose(&second);
    renewal_end(&w);
    world_end(&w);
  }
  it("renewal: a key from a function that can't be used is a failure that says so") {
    world w = world_of(&al_grant_client_credentials, "");
    al_buf text = AL_BUF_SECRET(100);
    al_buf_adds(&text, "no key");
    w.client->auth = al_clientauth_find("private_key_jwt");
    al_renewal_begin(&w.renewal, w.client, w.credential, &text, w.now);
    check(!al_renewal_compose(&w.renewal, &stamp) && al_renewal_next(&w.renewal, w.now) == AL_NEXT_FAIL);
    check(strcmp(w.renewal.fault.code, "unusable_key") == 0 && w.renewal.fault.outcome == AL_MISCONFIGURED);
    check(strstr(w.renewal.fault.message, "private_key is neither PEM") != NULL);
    renewal_end(&w);
    world_end(&w);
  }
}

int main (void) {
  clients();
  renewals();
  return test_over();
}
