--- What can be done with the token once a run is over. Each goes in the run's coroutine, and draws what happens.

local acts = {}

--- Calls the API.
function acts.call(run)
  run.picture:step("Call the API: GET " .. run.choice.path)
  run:call(run.session, run.choice.path)
end

--- Gets a new token now.
function acts.refresh(run)
  run.picture:step "Renew the token"
  run:remember "refresh"
  local ok, message, detail = run.session:refresh()
  if not ok then return run:failure(message, detail) end
  run:note("good", "A new token is here; the old one isn't used any more.")
end

--- Pushes the server's clock.
function acts.expire(run)
  run.picture:step "Let the token expire"
  run:expire(false)
end

--- Pushes both clocks.
function acts.expire_both(run)
  run.picture:step "Let the token expire, and let Airlock know"
  run:expire(true)
end

local crowd = 5 -- callers at once

--- Calls the API several times at once.
function acts.crowd(run)
  run.picture:step(("Call the API %d times at once"):format(crowd))
  run:crowd(crowd)
end

--- Ends the token at the server, behind the program's back.
function acts.revoke(run)
  run.picture:step "Revoke the token at the server"
  run:must(run.place.revoke, "Only the emulator's tokens can be revoked from here.")
  run:remember "revoke"
  run.place:revoke(run.session:token() or "")
  run.life:ends("revoked", run.place:now())
  run:note("info", "An administrator revoked the token. The program doesn't know yet: call the API to see.")
end

--- Ends the login.
function acts.logout(run)
  run.picture:step "Log out"
  run:remember "logout"
  local ok, message, detail = run.session:logout()
  if not ok then return run:failure(message, detail) end
  run:note("good", "The server was told where it can be, and Airlock forgot the tokens.")
  run:leave()
end

--- Checks the signature again, with the keys of now.
function acts.verify(run)
  run.picture:step "Check the token"
  run:look_again()
  if not run.token.claims then return run:note("info", "The token is opaque: there is no signature to check.") end
  run:check()
end

return acts
