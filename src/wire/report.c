#include "wire/report.h"

#include "ground/clock.h"
#include "law/trip.h"

void al_report_request (al_engine *e, al_client *client, al_transfer *t) {
  if (!client->wants_notes) return;
  t->request->number = ++e->trips;
  t->timed = true;
  t->began = al_clock_now();
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
