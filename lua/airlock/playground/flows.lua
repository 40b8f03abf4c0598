--- What each way does, step after step. A flow gives a session, or ends in `run:must`, which told what went wrong.

local endpoint = require "airlock.backchannel"
local query = require "airlock.form"

local flows = {}

function flows.client_credentials(run)
  run:step "Ask for a token"
  local session = run.client:client_credentials { scope = run:scope() }
  run:must(session:settle())
  return session
end

function flows.permanent_token(run)
  run:step "Take the token as it is"
  local token = run:must(run:given(), "There is no token: paste one that was made in the server's settings.")
  run:note("info", "Nothing is sent: the token was made by hand, and lasts until somebody revokes it.")
  return run.client:permanent_token(token)
end

function flows.refresh_token(run)
  run:step "Ask for a token with the refresh token"
  local token = run:must(run:given(),
    "There is no refresh token: paste one, or run the authorization code with offline access first.")
  local session = run.client:refresh_token(token, { scope = run.choice.narrow and run:scope() or nil })
  run:must(session:settle())
  return session
end

local function begin(run)
  return run.client:authorization_code { scope = run:scope(), redirect_uri = run.redirect_uri,
    access_type = run.choice.offline and run.place.access_type or nil }
end

-- Without PKCE, which Airlock never leaves out: so this request is made by hand, to be looked at.
local function redeem_by_hand(run, redirect)
  local code = redirect:match "[?&]code=([^&#]+)"
  run:must(code, "There is no code in the redirect.")
  local form = "grant_type=authorization_code&code=" .. code .. "&"
    .. query.encode({ redirect_uri = run.redirect_uri }, "form")
  local reply = run:must(endpoint.ask(run:client_with { revocation_endpoint = run.place:endpoint "token_endpoint" },
    "revocation_endpoint", form))
  run:note("info", "Airlock always sends a code_verifier: this request was made by hand. Whoever steals a code could "
    .. "redeem it so.")
  if reply.refresh_token then return run.client:refresh_token(reply.refresh_token) end
  return run.client:permanent_token(reply.access_token)
end

local function strip(url)
  return (url:gsub("&code_challenge[%w_]*=[^&]*", ""))
end

function flows.authorization_code(run)
  run:step "Make the authorization request"
  local login = begin(run)
  local url = run.choice.pkce and login.url or strip(login.url)
  run:note("info", run.choice.pkce
    and "Airlock made a state and a code verifier; the verifier stays here, its hash goes along."
    or "Airlock made a state. The code challenge was taken out of the URL.")
  run:step "Sign in at the server, and accept"
  local redirect = run:person { url = url, state = login.state }
  run:step "Redeem the code for a token"
  if run.breakage.finish then return run:broken(login, redirect, function() return begin(run) end) end
  if not run.choice.pkce then return redeem_by_hand(run, redirect) end
  return run:must(login:finish(redirect))
end

function flows.implicit(run)
  run:step "Make the authorization request"
  local login = run.client:implicit { scope = run:scope(), redirect_uri = run.redirect_uri }
  run:step "Sign in at the server, and accept"
  local redirect = run:person { url = login.url, state = login.state, fragment = true }
  run:step "Read the token from the redirect's fragment"
  if run.breakage.finish then return run:broken(login, redirect) end
  return run:must(login:finish(redirect))
end

function flows.password(run)
  run:step "Ask for a token with the user's password"
  local choice = run.choice
  run:must(choice.username ~= "" and choice.password ~= "" or nil, "A name and a password are needed.")
  return run:must(run.client:password { username = choice.username, password = choice.password, scope = run:scope(),
    access_type = choice.offline and run.place.access_type or nil })
end

function flows.device_code(run)
  run:step "Ask for a code to show"
  run:must(run.place:endpoint "device_authorization_endpoint", "This server has no device authorization endpoint.")
  local device = run:must(run.client:device_code { scope = run:scope() })
  run:step "Enter the code in a browser, while the program asks again and again"
  run:pair(device)
  local session = run:must(device:wait())
  run.wait = nil
  return session
end

return flows
