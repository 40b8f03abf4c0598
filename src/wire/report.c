#include "wire/report.h"

#include "ground/clock.h"
#include "law/trip.h"

/* Once for each host that is spoken to without TLS. */
static void warn (al_client *client, const al_request *q) {
  int place = q->where.https || q->where.loopback ? 0 : al_url_listed(&q->where, client->settings.plain_http);
  uint32_t bit = place > 0 ? (uint32_t)1 << (place - 1) : 0;
  if (bit == 0 || (client->plain_told & bit) != 0) return;
  client->plain_told |= bit;
  al_client_trip_note(client, "warning", 0, "plain_http", al_trip_new(q, al_clock_wall()));
}

void al_report_request (al_engine *e, al_client *client, al_transfer *t) {
  if (!client->wants_notes) return;
  t->request->number = ++e->trips;
  t->timed = true;
  t->began = al_clock_now();
  warn(client, t->request);
  al_client_trip_note(client, "request", 0, "", al_trip_new(t->request, al_clock_wall()));
}

void al_report_end (al_client *client, al_transfer *t, const al_fault *fault) {
  if (!t->timed) return;
  t->timed = false;
  al_trip *told = al_trip_new(t->request, al_clock_wall());
  if (told != NULL) {
    told->took_ms = al_clock_now() - t->began;
    told->connect_ms = t->connect_ms;
    told->first_ms = t->first_ms;
  }
  al_client_trip_note(client, "response", fault == NULL ? t->status : 0, fault != NULL ? fault->code : "", told);
}

void al_report_cancelled (al_client *client, al_transfer *t) {
  static const al_fault cancelled = { .kind = AL_CANCELLED, .code = "cancelled" };
  al_report_end(client, t, &cancelled);
}
