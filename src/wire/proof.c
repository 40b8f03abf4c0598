#include "wire/proof.h"

bool al_call_prove (al_call *c) {
  al_stamp stamp;
  al_fault fault;
  if (c->request.proof.n > 0) al_buf_clear(&c->request.proof);
  if (!al_flow_proves(&c->flow)) return true;
  if (al_engine_stamp(&stamp, &fault)) return al_flow_prove(&c->flow, &stamp);
  al_flow_broke(&c->flow, &fault);
  return false;
}
