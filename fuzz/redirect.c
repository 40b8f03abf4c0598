/* What a browser comes back with. The first byte says whether the flow is implicit, and what is known of the issuer. */
#include "fuzz.h"
#include "law/authorization.h"

static const char state[] = "state-state-state-state-state-state-state-4";

static al_client *client_of (unsigned choice) {
  al_client *c = al_client_new();
  if (c == NULL) abort();
  if (choice & 2) c->issuer = al_text_copy("https://id.example");
  c->iss_announced = (choice & 4) != 0;
  return c;
}

static void begin (al_authorization *a, unsigned choice) {
  al_authorization_init(a);
  a->client = client_of(choice);
  a->implicit = choice & 1;
  memcpy(a->state, state, sizeof state);
  memcpy(a->verifier, "verifier-verifier-verifier-verifier-verifie", AL_STATE_CHARS + 1);
  al_buf_adds(&a->redirect_uri, "http://127.0.0.1:1/callback");
}

static void judge (const al_authorization *a, bool ok, const al_buf *opening, const al_reply *reply,
                   const al_fault *f) {
  if (ok) {
    must(a->spent);
    must(a->implicit ? opening->n == 0 : reply->access_token.n == 0);
    must(a->implicit || memmem(opening->bytes, opening->n, "code_verifier=verifier-", 23) != NULL);
    for (size_t i = 0; i < opening->n; i++) must(opening->bytes[i] > 0x20 && opening->bytes[i] < 0x7F);
    return;
  }
  must(f->kind == AL_STATE || f->kind == AL_OAUTH);
  must(f->kind == AL_STATE || a->spent); /* nothing is taken from a redirect that isn't ours */
  must(opening->n == 0 && printable(f->code, sizeof f->code) && printable(f->message, sizeof f->message));
  must(printable(f->description, sizeof f->description) && printable(f->uri, sizeof f->uri));
}

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n) {
  input in = input_of(bytes, n);
  al_authorization a;
  begin(&a, input_byte(&in));
  size_t size;
  const char *text = input_rest(&in, &size);
  bool ours = memmem(text, size, state, AL_STATE_CHARS) != NULL || memchr(text, '%', size) != NULL;
  for (int i = 0; i < 2; i++) {
    al_buf opening = AL_BUF_SECRET(AL_MAX_REDIRECT * 4);
    al_reply reply;
    al_fault fault;
    al_reply_init(&reply);
    al_fault_clear(&fault);
    bool was_spent = a.spent, ok = al_authorization_read(&a, text, size, &opening, &reply, &fault);
    judge(&a, ok, &opening, &reply, &fault);
    must(ours || !a.spent);
    must(!(ok && was_spent)); /* never twice */
    al_buf_dispose(&opening);
    al_reply_dispose(&reply);
  }
  al_authorization_dispose(&a);
  input_over(&in);
  return 0;
}
