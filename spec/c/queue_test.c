/* queue. */
#include "test.h"

#include "ground/queue.h"

typedef struct guest {
  int name;
  al_place_in place;
} guest;

static int called (al_queue *q) {
  al_place_in *p = al_queue_next(q);
  return p != NULL ? AL_QUEUED(p, guest, place)->name : 0;
}

int main (void) {
  it("queue: gives things in the order in which they came") {
    al_queue q = { NULL, NULL };
    guest guests[3] = { { .name = 1 }, { .name = 2 }, { .name = 3 } };
    check(called(&q) == 0);
    for (int i = 0; i < 3; i++) al_queue_join(&q, &guests[i].place);
    for (int i = 1; i <= 3; i++) check(called(&q) == i);
    check(called(&q) == 0 && q.first == NULL && q.last == NULL);
  }
  it("queue: holds a thing once, which may come again afterwards") {
    al_queue q = { NULL, NULL };
    guest one = { .name = 1 }, two = { .name = 2 };
    al_queue_join(&q, &one.place);
    al_queue_join(&q, &two.place);
    al_queue_join(&q, &one.place);
    check(called(&q) == 1 && !one.place.stands && two.place.stands);
    al_queue_join(&q, &one.place);
    check(called(&q) == 2 && called(&q) == 1 && called(&q) == 0);
  }
  it("queue: lets go of the first, the middle, the last and the only one") {
    for (int mask = 0; mask < 8; mask++) {
      al_queue q = { NULL, NULL };
      guest guests[3] = { { .name = 1 }, { .name = 2 }, { .name = 3 } };
      for (int i = 0; i < 3; i++) al_queue_join(&q, &guests[i].place);
      for (int i = 0; i < 3; i++)
        if (mask & (1 << i)) {
          al_queue_leave(&q, &guests[i].place);
          al_queue_leave(&q, &guests[i].place);
        }
      guest late = { .name = 4 };
      al_queue_join(&q, &late.place);
      for (int i = 0; i < 3; i++)
        if (!(mask & (1 << i))) check(called(&q) == i + 1);
      check(called(&q) == 4 && called(&q) == 0 && q.last == NULL);
    }
  }
  return test_over();
}
