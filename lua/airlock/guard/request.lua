--- Where a request has its token (RFC 6750 section 2, RFC 9449 section 7.1): in one place, once.

-- spec: spec/tokens/guard_spec.lua

local core = require "airlock.core"

local request = {}

local most = 64 * 1024 -- bytes of a token

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

-- The scheme and the token of the header; nothing: it has none that is ours.
local function in_header(headers)
  local lines = request.header(headers, "authorization")
  if #lines > 1 then return nil, bad "it has more than one Authorization header" end
  local scheme, rest = (lines[1] or ""):match "^%s*([%w!#$%%&'*+.^_`|~-]+)(.*)$"
  scheme = scheme and scheme:lower()
  if scheme ~= "bearer" and scheme ~= "dpop" then return nil end
  scheme = scheme == "dpop" and "DPoP" or "Bearer"
  local token = rest:match "^ +(%S+)%s*$"
  if not token then return nil, bad(("its Authorization header has not one token after '%s'"):format(scheme)) end
  return { scheme = scheme, text = token }
end

-- `access_token` in a form or a query; false: a part of it can't be read.
local function fields(text)
  local found = {}
  for name, value in ("&" .. (text or "")):gmatch "&([^&=]*)=?([^&]*)" do
    if name == "access_token" then
      found[#found + 1] = value:gsub("+", " "):gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)
    end
  end
  return found
end

local function has(list, name)
  for _, each in ipairs(list) do
    if each == name then return true end
  end
  return false
end

local function in_form(asked)
  local kind = request.header(asked.headers, "content-type")[1] or ""
  if asked.method == "GET" or not kind:lower():find "^%s*application/x%-www%-form%-urlencoded%s*;?" then return {} end
  return fields(type(asked.body) == "string" and asked.body or nil)
end

--- Finds it.
---@param asked table `{ method, url, headers, body }`
---@param places string[] "header", "form", "query"
---@return table? token `{ scheme, text }`; nil alone: there is none
---@return table? said why the request can't be used
function request.token(asked, places)
  local token, said = in_header(asked.headers)
  if said then return nil, said end
  local others = {}
  if has(places, "form") then others[#others + 1] = in_form(asked) end
  if has(places, "query") then others[#others + 1] = fields(asked.url:match "%?([^#]*)") end
  for _, found in ipairs(others) do
    for _, text in ipairs(found) do
      if token then return nil, bad "it has more than one token" end
      token = { scheme = "Bearer", text = text }
    end
  end
  if not token then return nil end
  if #token.text > most or not token.text:find "^[%w%-._~+/]+=*$" then
    return nil, { code = "invalid_token", why = "the token is too long, or has characters that none has",
      scheme = token.scheme }
  end
  return token
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
