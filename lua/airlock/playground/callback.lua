--- Where a browser comes back to: /callback. It needs no key, as the server sends the browser here; the state is what
--- it must have.

local form = require "airlock.emulator.http.form"
local files = require "airlock.playground.files"
local json = require "airlock.emulator.http.json"
local reply = require "airlock.playground.reply"

local callback = {}

local page = [[<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>%s · Airlock
  playground</title>
<link rel="stylesheet" href="/callback/callback.css">%s
<main><h1 id="title">%s</h1><p id="text" role="status">%s</p></main></html>
]]

local function say(exchange, status, title, text, script)
  reply.send(exchange, { status = status, type = "text/html; charset=utf-8",
    body = page:format(title, script or "", title, text) })
end

local nobody = "No run of the playground waits for this page. If a program of yours does, give it the address of this "
  .. "page."
local script = '<script type="module" src="/callback/callback.js"></script>'

local function state_of(fields)
  return fields:match "^state=([^&#]*)" or fields:match "[?&#]state=([^&#]*)"
end

local function arrive(playground, exchange)
  local state = form.unescape(state_of("?" .. exchange.query) or "")
  local run = playground.run
  if not run:awaits(state) then return say(exchange, 404, "Nothing here", nobody) end
  run:returned(exchange)
  say(exchange, 200, "Back at the application",
    "Go back to the playground's tab to see what happened. You can close this one.")
  run:arrive("http://" .. exchange.headers.host .. exchange.target)
end

-- The implicit flow's answer is in the fragment, which no browser sends: the page's script does, to this address alone.
local function arrive_in_fragment(playground, exchange)
  local given = json.decode(exchange.body)
  local fragment = type(given) == "table" and type(given.fragment) == "string" and given.fragment or ""
  local run = playground.run
  local sound = exchange.headers.origin == playground.gate.origin
    and run:awaits(form.unescape(state_of("#" .. fragment) or ""))
  if not sound then return reply.refuse(exchange, "No run of the playground waits for this.") end
  run:returned(exchange)
  reply.json(exchange, { done = true })
  run:arrive(playground.redirect_uri .. "#" .. fragment)
end

--- Takes a request for /callback and what is below it; its Host was judged.
---@param playground table
---@param exchange userdata
function callback.take(playground, exchange)
  local name = exchange.path:match "^/callback/(callback%.%l+)$"
  local body, media_type = files.read(name or "")
  if exchange.method == "GET" and body then return reply.send(exchange, { type = media_type, body = body }) end
  if exchange.method == "POST" and exchange.path == "/callback/fragment" then
    return arrive_in_fragment(playground, exchange)
  end
  if exchange.method ~= "GET" or exchange.path ~= "/callback" then
    return reply.refuse(exchange, "There is nothing at this path.", 404)
  end
  if exchange.query then return arrive(playground, exchange) end
  say(exchange, 200, "One moment", "The playground reads what the server answered. This needs JavaScript.", script)
end

return callback
