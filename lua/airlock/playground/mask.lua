--- What of a message is nobody's business: it is shown as *** until its owner uncovers it.

local mask = {}

local stars = "***"

local secret_headers = { authorization = true, ["proxy-authorization"] = true, cookie = true, ["set-cookie"] = true }

-- fields of forms and queries, and members of JSON
local secret_fields = {}
for name in ([[access_token refresh_token id_token client_secret client_assertion assertion password code code_verifier
  device_code   token subject_token actor_token csrf]]):gmatch "%S+" do secret_fields[name] = true end

--- Masks the values of secret fields in "a=1&b=2".
---@param text string
---@return string
function mask.fields(text)
  return (text:gsub("([%w_%-%.]+)=([^&#%s]+)", function(name, value)
    return name .. "=" .. (secret_fields[name] and stars or value)
  end))
end

local function mask_json(text)
  return (text:gsub('"([%w_]+)"(%s*:%s*)"([^"]*)"', function(name, colon, value)
    if not secret_fields[name] then return nil end
    return ('"%s"%s"%s"'):format(name, colon, value == "" and "" or stars)
  end))
end

local function mask_header(name, value)
  local lower = name:lower()
  if lower == "location" or lower == "referer" then return mask.url(value) end
  if not secret_headers[lower] then return value end
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
  return first .. rest:gsub("([^\r\n:]+):[ \t]*([^\r\n]*)", function(name, value)
    return name .. ": " .. mask_header(name, value)
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
