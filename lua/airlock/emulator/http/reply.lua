--- Replies as plain tables `{ status, headers, body }`, headers as pairs; nothing here touches the network.

local json = require "airlock.emulator.http.json"

local reply = {}

local api_headers = {
  { "Content-Type", "application/json" },
  { "Content-Security-Policy", "frame-ancestors 'none'" },
  { "Referrer-Policy", "no-referrer" },
  { "X-Frame-Options", "DENY" },
}

local statuses = {
  ["validation-error"] = 400, ["request-error"] = 400, ["authentication-required"] = 401, ["permission-denied"] = 403,
  ["not-found"] = 404, ["method-not-allowed"] = 405, ["duplicated-entity"] = 409, ["payload-too-large"] = 413,
  ["rate-limited"] = 429, ["internal-server-error"] = 500,
}

local function copy(pairs_)
  local out = {}
  for i, pair in ipairs(pairs_) do out[i] = { pair[1], pair[2] } end
  return out
end

--- A JSON answer of the HTTP API.
---@param value any
---@param status integer? default 200
---@return table reply
function reply.json(value, status)
  return { status = status or 200, headers = copy(api_headers), body = json.encode(value) }
end

--- An answer without a body.
---@param status integer? default 204
---@return table reply
function reply.empty(status)
  return { status = status or 204, headers = copy(api_headers), body = "" }
end

--- A failure of the HTTP API.
---@param code string one of Space's, such as "not-found"
---@param description string
---@return table reply
function reply.failure(code, description)
  return reply.json({ error = code, error_description = description }, statuses[code])
end

local function no_store(r)
  r.headers = { { "Content-Type", "application/json" }, { "Cache-Control", "no-store" }, { "Pragma", "no-cache" } }
  return r
end

--- A success of the token endpoint.
---@param members table
---@return table reply
function reply.token(members)
  return no_store { status = 200, body = json.encode(members) }
end

--- A failure of the token endpoint.
---@param code string from RFC 6749 section 5.2
---@param description string
---@param challenge boolean? the client tried the Authorization header
---@return table reply
function reply.oauth_failure(code, description, challenge)
  local r = no_store {
    status = code == "invalid_client" and 401 or 400,
    body = json.encode { error = code, error_description = description },
  }
  if challenge then r.headers[#r.headers + 1] = { "WWW-Authenticate", 'Basic realm="Space"' } end
  return r
end

local page_headers = {
  { "Content-Type", "text/html; charset=utf-8" }, { "Cache-Control", "no-store" }, { "Referrer-Policy", "no-referrer" },
  { "X-Frame-Options", "DENY" }, { "X-Content-Type-Options", "nosniff" },
  -- without form-action: browsers hold it against the redirect to the application that follows a form
  { "Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'" },
}

--- A page for a person; other origins' programs don't get to read it.
---@param status integer
---@param body string
---@return table reply
function reply.page(status, body)
  return { status = status, headers = copy(page_headers), body = body, personal = true }
end

--- Sends a browser on. After a form with 303: the form's fields, a password among them, stay behind (RFC 9700 section
--- 4.12).
---@param location string
---@param method string of the request that is answered
---@return table reply
function reply.redirect(location, method)
  return { status = method == "POST" and 303 or 302, body = "", personal = true, location = location,
    headers = { { "Location", location }, { "Cache-Control", "no-store" }, { "Referrer-Policy", "no-referrer" } } }
end

--- Adds a header.
---@param r table
---@param name string
---@param value string|number
---@return table r
function reply.add(r, name, value)
  r.headers[#r.headers + 1] = { name, value }
  return r
end

return reply
