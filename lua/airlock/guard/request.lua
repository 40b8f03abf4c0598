--- Where a request has its token (RFC 6750 section 2, RFC 9449 section 7.1): in one place, once.

-- spec: spec/tokens/guard_spec.lua

local core = require "airlock.core"
local form = require "airlock.form"

local request = {}

--- The values of a header, whose name may be written in any case; a list is several lines of it.
---@param headers table
---@param wanted string in lower case
---@return string[]
function request.header(headers, wanted)
  local found = {}
  for name, value in pairs(headers) do
    if type(name) == "string" and #name == #wanted and name:lower() == wanted then
      for _, each in ipairs(type(value) == "table" and value or { value }) do found[#found + 1] = tostring(each) end
    end
  end
  return found
end

local function bad(why) return { code = "invalid_request", why = why } end

-- The lines of Authorization: how many there are, and the first.
local function authorization(headers)
  local count, first = 0, nil
  for name, value in pairs(headers) do
    if type(name) == "string" and #name == 13 and name:lower() == "authorization" then
      local lines = type(value) == "table" and value or nil
      count, first = count + (lines and #lines or 1), first or lines and lines[1] or value
    end
  end
  return count, first
end

local function misshapen(scheme)
  return { code = "invalid_token", why = "the token is too long, or has characters that none has", scheme = scheme }
end

-- The scheme and the token of the header; nothing: it has none that is ours.
local function in_header(headers)
  local count, line = authorization(headers)
  if count > 1 then return nil, bad "it has more than one Authorization header" end
  if count == 0 or type(line) ~= "string" then return nil end
  local scheme, text, key = core.credentials(line)
  if key then return { scheme = scheme, text = text, key = key } end
  if not scheme then return nil end
  if text == false then return nil, misshapen(scheme) end
  return nil, bad(("its Authorization header has not one token after '%s'"):format(scheme))
end

-- Adds each `access_token` of a form or a query.
local function fields(text, found)
  for _, value in ipairs(form.values(text, "access_token")) do found[#found + 1] = value end
end

--- Whether tokens are taken at a place.
---@param places string[] "header", "form", "query"
---@param place string
---@return boolean
function request.takes(places, place)
  for _, each in ipairs(places) do
    if each == place then return true end
  end
  return false
end

local function in_form(asked, found)
  local kind = request.header(asked.headers, "content-type")[1] or ""
  if asked.method == "GET" or not kind:lower():find "^%s*application/x%-www%-form%-urlencoded%s*;?" then return end
  fields(type(asked.body) == "string" and asked.body or nil, found)
end

-- One that was found elsewhere is judged as if it came in the header.
local function of_text(text)
  local scheme, token, key = core.credentials("Bearer " .. text)
  if key then return { scheme = scheme, text = token, key = key } end
  return nil, misshapen(scheme)
end

--- Finds it.
---@param asked table `{ method, url, headers, body }`
---@param places string[] "header", "form", "query"
---@return table? token `{ scheme, text, key }`; nil alone: there is none
---@return table? said why the request can't be used
function request.token(asked, places)
  local token, said = in_header(asked.headers)
  if said or #places == 1 and places[1] == "header" then return token, said end
  local found = {}
  if request.takes(places, "form") then in_form(asked, found) end
  if request.takes(places, "query") then fields(asked.url:match "%?([^#]*)", found) end
  if #found + (token and 1 or 0) > 1 then return nil, bad "it has more than one token" end
  if token or #found == 0 then return token end
  return of_text(found[1])
end

--- The thumbprint of a client's certificate (RFC 8705 section 3.1).
---@param pem any text of PEM, or of DER
---@return string? thumbprint
function request.thumbprint(pem)
  if type(pem) ~= "string" or pem == "" then return nil end
  local inside = pem:match "%-%-%-%-%-BEGIN CERTIFICATE%-%-%-%-%-(.-)%-%-%-%-%-END CERTIFICATE%-%-%-%-%-"
  if not inside then return pem:byte() == 0x30 and core.hash(pem) or nil end
  local text = inside:gsub("[%s=]", ""):gsub("[+/]", { ["+"] = "-", ["/"] = "_" })
  local der = core.decode(text)
  return der and core.hash(der)
end

return request
