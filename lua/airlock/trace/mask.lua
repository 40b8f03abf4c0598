--- What of a message is nobody's business: it is shown as ***.

-- spec: spec/wire/trace_spec.lua

local mask = {}

local stars = "***"

local secret_headers = { authorization = true, ["proxy-authorization"] = true, cookie = true, ["set-cookie"] = true }

-- fields of forms and queries, and members of JSON
local secret_fields = {}
for name in ([[access_token refresh_token id_token client_secret client_assertion assertion password code code_verifier
  device_code token subject_token actor_token csrf registration_access_token initial_access_token logout_token
  id_token_hint private_key secret api_key accessToken refreshToken idToken apiKey device_secret]]):gmatch "%S+" do
  secret_fields[name] = true
end

-- Headers of an API's own that hold a key, by a part of their names.
local telling = { "token", "secret", "api-key", "apikey", "password", "auth-key" }

local function is_secret(lower)
  if secret_headers[lower] then return true end
  for _, part in ipairs(telling) do
    if lower:find(part, 1, true) then return true end
  end
  return false
end

--- Masks the values of secret fields in "a=1&b=2".
---@param text string
---@return string
function mask.fields(text)
  local parts, kept, at = {}, 1, 1
  while true do
    local first, stop = text:find("[%w_%-%.]+=?", at) -- always goes on behind the whole name: one pass
    if not first then break end
    at = stop + 1
    if text:byte(stop) == 61 then
      local _, over = text:find("^[^&#%s]+", at)
      if over and secret_fields[text:sub(first, stop - 1)] then
        parts[#parts + 1] = text:sub(kept, stop) .. stars
        kept = over + 1
      end
      at = (over or stop) + 1
    end
  end
  return table.concat(parts) .. text:sub(kept)
end

-- Where the JSON string ends that begins at a mark: at its closing one; nil: it is open.
local function string_end(text, at)
  repeat
    at = text:find('["\\]', at + 1)
    local escape = at and text:byte(at) == 92
    if escape then at = at + 1 end
  until not escape
  return at
end

local function mask_json(text)
  local parts, kept, at = {}, 1, text:find('"', 1, true)
  while at do
    local over = string_end(text, at) or #text
    local value = secret_fields[text:sub(at + 1, over - 1)] and text:match('^%s*:%s*()"', over + 1)
    if value then
      over = string_end(text, value) or #text + 1
      parts[#parts + 1] = text:sub(kept, value) .. (over == value + 1 and "" or stars)
      kept = over
    end
    at = text:find('"', over + 1, true)
  end
  return table.concat(parts) .. text:sub(kept)
end

local function mask_header(name, value)
  local lower = name:lower()
  if lower == "location" or lower == "referer" then return mask.url(value) end
  if not is_secret(lower) then return value end
  local scheme = lower:find "authorization$" and value:match "^(%a+) "
  local cookie = value:match "^([^=;%s]+)="
  return scheme and scheme .. " " .. stars or cookie and cookie .. "=" .. stars .. (value:match "(;.*)$" or "") or stars
end

--- Masks what a URL's query and fragment hold.
---@param url string
---@return string
function mask.url(url)
  local place, mark, rest = url:match "^([^?#]*)([?#])(.*)$"
  return place and place .. mark .. mask.fields(rest) or url
end

--- Masks a header block, with its first line.
---@param head string
---@return string
function mask.head(head)
  local first, rest = head:match "^([^\r\n]*)(.*)$"
  first = first:gsub("%S+", mask.url)
  return first .. rest:gsub("[^\r\n]+", function(line)
    local name, value = line:match "^([^:]+):[ \t]*(.*)$"
    return name and name .. ": " .. mask_header(name, value)
  end)
end

--- Masks a body of this media type.
---@param body string
---@param media_type string?
---@return string
function mask.body(body, media_type)
  media_type = media_type or ""
  if media_type:find "json" or body:find "^%s*[{%[]" then return mask_json(body) end
  if media_type:find "x%-www%-form%-urlencoded" then return mask.fields(body) end
  return body
end

return mask
