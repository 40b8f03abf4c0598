--- Redirect URIs: whether one is registered, and how an answer is put into it (RFC 6749 section 4.1.2, RFC 8252 section
--- 7.3).

local form = require "airlock.emulator.http.form"

local trim = require "airlock.trim"

local redirect = {}

--- The URIs of a setting, one a line.
---@param text string
---@return string[]
function redirect.list(text)
  local out = {}
  for line in text:gmatch "[^\r\n]+" do
    local uri = trim(line)
    if uri ~= "" then out[#out + 1] = uri end
  end
  return out
end

local loopback = { ["127.0.0.1"] = true, ["localhost"] = true, ["[::1]"] = true }

-- http://127.0.0.1:4711/callback → "http://127.0.0.1/callback"; nil for what isn't loopback, or has no sound port
local function without_port(uri)
  local host, port, rest = uri:match "^http://(%[::1%]):(%d+)(.*)$"
  if not host then host, port, rest = uri:match "^http://([%w.]+):(%d+)(.*)$" end
  if not host or not loopback[host] or #port > 5 or tonumber(port) < 1 or tonumber(port) > 65535 then return nil end
  if not rest:find "^[/?]" and rest ~= "" then return nil end
  return "http://" .. host .. rest
end

--- Whether a URI is among those that are registered: the same string, or the same but for the port of a loopback
--- address.
---@param uri string
---@param registered string[]
---@param any_port boolean
---@return boolean
function redirect.known(uri, registered, any_port)
  if uri:find "[#%c%s]" then return false end
  local bare = any_port and without_port(uri)
  for _, each in ipairs(registered) do
    if each == uri or each == bare then return true end
  end
  return false
end

--- A redirect URI with an answer in it; a query that it has stays.
---@param uri string
---@param pairs_ table[] `{ name, value }`; a value of nil is left out
---@param in_fragment boolean? for the implicit flow
---@return string
function redirect.compose(uri, pairs_, in_fragment)
  local words = {}
  for _, pair in ipairs(pairs_) do
    if pair[2] ~= nil then words[#words + 1] = form.escape(pair[1]) .. "=" .. form.escape(tostring(pair[2])) end
  end
  local mark = in_fragment and "#" or uri:find("?", 1, true) and "&" or "?"
  if uri:find "%?$" and not in_fragment then mark = "" end
  return uri .. mark .. table.concat(words, "&")
end

return redirect
