--- What a person meets at the browser: /oauth/auth, the login and consent pages, and the page for a device's code.
-- A *ticket* is a request that waits for its person: `{ id, goal, request?, next(call, visitor, ticket), decide(call,
-- visitor, ticket, accepted) }`.

local authorization = require "airlock.emulator.oauth.authorization"
local crypto = require("airlock.server").crypto
local person = require "airlock.emulator.space.person"
local pushed = require "airlock.emulator.oauth.par"
local reply = require "airlock.emulator.http.reply"
local stylesheet = require "airlock.emulator.browser.stylesheet"
local view = require "airlock.emulator.browser.pages"
local visitor = require "airlock.emulator.browser.browser_session"

local front = {}

local function refuse(call, status, title, text)
  return view.message(call.emulator, status, title, text)
end

-- Login first; then whatever the ticket is about.
local function go_on(call, v, ticket)
  if not v.person or v.person.archived then return view.login(v, ticket, ticket.goal) end
  return ticket.next(call, v, ticket)
end

-- ---- the authorization endpoint

local function leave(call, v, ticket, approval)
  v:done(ticket)
  return reply.redirect(authorization.success(call.emulator, ticket.request, v.person, approval), call.method)
end

local authorizing = {}

function authorizing.next(call, v, ticket)
  local approval = call.emulator.consents:covering(v.person, ticket.request)
  if approval then return leave(call, v, ticket, approval) end
  return view.consent(v, ticket, ticket.request)
end

function authorizing.decide(call, v, ticket, accepted)
  if accepted then return leave(call, v, ticket, call.emulator.consents:approve(v.person, ticket.request)) end
  v:done(ticket)
  return reply.redirect(authorization.refusal(call.emulator, ticket.request, "access_denied",
    "the user did not accept"), call.method)
end

local function authorize(call)
  local fields, repeated, all = call.query, call.repeated, call.all
  if call.method == "POST" then fields, repeated, all = call:form() end
  if call.bad_query or not fields then
    return refuse(call, 400, "This can't be read", "The request of the application is malformed.")
  end
  if fields.request_uri or call.emulator.par == "required" then
    local said
    fields, all, said = pushed.take(call, fields)
    if not fields then return refuse(call, 400, "This doesn't lead anywhere", said) end
    repeated = {}
  end
  local request, why, location = authorization.read(call.emulator, fields, repeated, all)
  if location then return reply.redirect(location, call.method) end
  if not request then return refuse(call, 400, "This doesn't lead anywhere", why) end
  local v = visitor.welcome(call)
  if request.login_again and v.person then v:login(nil) end
  local ticket = v:keep { request = request, goal = request.application.name, next = authorizing.next,
    decide = authorizing.decide }
  return v:attach(go_on(call, v, ticket))
end

-- ---- the page for a device's code

local pairing = {}

function pairing.next(_, v, ticket)
  if ticket.request then return view.consent(v, ticket, ticket.request) end
  return view.device(v, ticket, ticket.user_code)
end

function pairing.decide(call, v, ticket, accepted)
  v:done(ticket)
  ticket.request.person = v.person
  if not accepted then
    ticket.request.denied = true
    return refuse(call, 200, "Cancelled", "The device was not connected. You can close this page.")
  end
  ticket.request.approval = call.emulator.consents:approve(v.person, ticket.request)
  return refuse(call, 200, "The device is connected", "Go back to the device. You can close this page.")
end

local function open_pairing(call)
  local v = visitor.welcome(call)
  local ticket = v:keep { user_code = call.query.user_code or "", goal = "connect a device", next = pairing.next,
    decide = pairing.decide }
  return v:attach(go_on(call, v, ticket))
end

-- ---- what the forms send

-- Wraps what a form or a link leads to: for the visitor who has the ticket alone, and a form has to be one of ours.
local function guarded(run)
  return function(call)
    local v = visitor.of(call)
    local ticket = v and v.tickets[call.captures.ticket]
    local fields = call.method == "POST" and call:form() or {}
    if not ticket or (call.method == "POST" and not v:made(fields.csrf)) then
      return refuse(call, 403, "This page is out of date", "Go back to the application, and begin again there.")
    end
    return v:attach(run(call, v, ticket, fields))
  end
end

local function continue(ticket)
  return reply.redirect("/oauth/continue/" .. ticket.id, "POST")
end

local function log_in(call, v, ticket, fields)
  local p = person.authenticate(call.emulator.people, fields.username or "", fields.password or "")
  if not p then return view.login(v, ticket, ticket.goal, fields.username or "") end
  v:login(p)
  return continue(ticket)
end

local function decide(call, v, ticket, fields)
  if not v.person then return continue(ticket) end
  if fields.answer == "other" then
    v:login(nil)
    return continue(ticket)
  end
  if fields.answer ~= "accept" and fields.answer ~= "cancel" then
    return refuse(call, 400, "This can't be read", "The answer was neither Accept nor Cancel.")
  end
  if ticket.next == pairing.next and not (ticket.request and ticket.request:waits()) then
    return refuse(call, 400, "Too late", "The device's code has expired. Let the device make a new one.")
  end
  return ticket.decide(call, v, ticket, fields.answer == "accept")
end

local function enter_code(call, v, ticket, fields)
  if not v.person then return continue(ticket) end
  local typed = fields.user_code or ""
  local request = call.emulator.devices:find(typed)
  if not request then return view.device(v, ticket, typed, "There is no such code, or it has expired.") end
  ticket.request = request
  return continue(ticket)
end

-- ---- the rest

local function style(call)
  local tag = '"' .. crypto.base64url(crypto.sha256(stylesheet)):sub(1, 16) .. '"'
  local headers = { { "Content-Type", "text/css; charset=utf-8" }, { "ETag", tag },
    { "X-Content-Type-Options", "nosniff" } }
  if call.headers["if-none-match"] == tag then return { status = 304, headers = headers, body = "" } end
  return { status = 200, headers = headers, body = stylesheet }
end

--- Adds what a person sees.
---@param routes table
---@param emulator table
function front.add_routes(routes, emulator)
  routes:add("GET", "/emulator.css", style)
  routes:add("GET", "/oauth/auth", authorize)
  routes:add("POST", "/oauth/auth", authorize)
  routes:add("GET", "/oauth/continue/{ticket}", guarded(go_on))
  routes:add("POST", "/oauth/login/{ticket}", guarded(log_in))
  routes:add("POST", "/oauth/consent/{ticket}", guarded(decide))
  if not emulator.device then return end
  routes:add("GET", "/oauth/device", open_pairing)
  routes:add("POST", "/oauth/device/{ticket}", guarded(enter_code))
end

return front
