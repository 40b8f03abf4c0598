--- Answers of the playground's server: each with the headers that keep other sites out.

local json = require "airlock.emulator.http.json"

local reply = {}

local policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri "
  .. "'none';"
  .. " form-action 'none'; frame-ancestors 'none'"

--- Sends an answer.
---@param exchange userdata
---@param what table `{ status = 200, type, body }`
function reply.send(exchange, what)
  exchange:reply { status = what.status or 200, body = what.body, headers = {
    ["Content-Type"] = what.type, ["Cache-Control"] = "no-store", ["Referrer-Policy"] = "no-referrer",
    ["X-Content-Type-Options"] = "nosniff", ["X-Frame-Options"] = "DENY", ["Content-Security-Policy"] = policy,
    ["Cross-Origin-Opener-Policy"] = "same-origin", ["Cross-Origin-Resource-Policy"] = "same-origin",
  } }
end

--- Sends a value.
---@param exchange userdata
---@param value table
---@param status integer?
function reply.json(exchange, value, status)
  reply.send(exchange, { status = status, type = "application/json", body = json.encode(value) })
end

--- Says no.
---@param exchange userdata
---@param why string
---@param status integer? 403 unless told otherwise
function reply.refuse(exchange, why, status)
  reply.json(exchange, { error = why }, status or 403)
end

local page = [[<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Airlock playground</title><link rel="stylesheet" href="/callback/callback.css">
<main><h1>This isn't the playground's page</h1><p>%s</p></main></html>
]]

--- Says no to whoever has no key: in a page to a browser that wants to show one.
---@param exchange userdata
---@param why string
function reply.turn_away(exchange, why)
  if exchange.method ~= "GET" or not (exchange.headers.accept or ""):find("text/html", 1, true) then
    return reply.refuse(exchange, why)
  end
  reply.send(exchange, { status = 403, type = "text/html; charset=utf-8", body = page:format(why) })
end

return reply
