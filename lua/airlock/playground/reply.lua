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

return reply
