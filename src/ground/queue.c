#include "ground/queue.h"

void al_queue_join (al_queue *q, al_place_in *p) {
  if (p->stands) return;
  *p = (al_place_in){ .before = q->last, .stands = true };
  if (q->last != NULL) q->last->next = p;
  else q->first = p;
  q->last = p;
}

void al_queue_leave (al_queue *q, al_place_in *p) {
  if (!p->stands) return;
  if (p->before != NULL) p->before->next = p->next;
  else q->first = p->next;
  if (p->next != NULL) p->next->before = p->before;
  else q->last = p->before;
  *p = (al_place_in){ .stands = false };
}

al_place_in *al_queue_next (al_queue *q) {
  al_place_in *p = q->first;
  if (p != NULL) al_queue_leave(q, p);
  return p;
}
