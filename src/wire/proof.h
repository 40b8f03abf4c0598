/*
 * proof · what a call whose token is bound to a key goes out with beside it, made for this very request (RFC 9449)
 * knows · engine, flow
 * never · lets a proof of before go out again
 * owns  · nothing: the request does
 * spec  · spec/client/dpop_spec.lua
 */
#ifndef AL_WIRE_PROOF_H
#define AL_WIRE_PROOF_H

#include "wire/engine.h"

/* False: there is none to be had, and the call's flow has failed. */
bool al_call_prove (al_call *c);

#endif
