--- What the library says, in the command's words: whoever sits at it has flags, variables and a profile, not Lua's
--- options.

local words = {}

-- What an option of the library's is called here, by the call that says it.
local by_call = {
  ["session:request"] = { method = "METHOD", url = "PATH", headers = "--header", query = "--query", form = "--form",
    body = "the body" },
  ["client:login"] = { timeout = "--wait", port = "--port" },
  ["client:password"] = { username = "AIRLOCK_USERNAME", password = "AIRLOCK_PASSWORD" },
}

local variables = { client_secret = "the secret (AIRLOCK_CLIENT_SECRET)", token = "the token (AIRLOCK_TOKEN)",
  refresh_token = "the refresh token (AIRLOCK_REFRESH_TOKEN)" }

local function name_of(option, call)
  local special = by_call[call] and by_call[call][option] or variables[option]
  if special then return special end
  for _, each in ipairs(require("airlock.cli.settings").options) do
    if each.target == option then return each[#each] end
  end
  return ("the profile's '%s'"):format(option)
end

--- Says it anew.
---@param message string
---@param call string? of the library's, such as "client:login", where the message doesn't begin with it
---@return string
function words.of(message, call)
  for _, beginning in ipairs { "^airlock%.[%a_.]+: ", "^%l+:[%l_]+: " } do
    local stated = message:match(beginning)
    if stated then
      call, message = stated:sub(1, -3), message:sub(#stated + 1)
      break
    end
  end
  local function named(option) return name_of(option, call) end
  -- of what isn't known, nothing has another name
  local function known(before, option) return before ~= "unknown " and before .. named(option) or nil end
  message = message:gsub("the client's option '([%l_]+)'", named):gsub("(%S*%s?)option '([%l_]+)'", known)
  return (message:gsub("%f[%w-]options? ([%l_]+)%f[^%l_]", named))
end

local function quoted(text)
  return text:find "^[%w_./:@%%+=,-]+$" and text or "'" .. text:gsub("'", "'\\''") .. "'"
end

local function add_flag(parts, flag, value)
  if value == true then parts[#parts + 1] = flag end
  for _, one in ipairs(type(value) == "table" and value or type(value) == "string" and { value } or {}) do
    parts[#parts + 1] = flag .. " " .. quoted(one)
  end
end

--- The command line that logs the user in whom these settings mean: a hint carries the flags that chose them.
---@param made table of settings.read
---@param without? string the target of a flag that isn't to be among them
---@return string
function words.login(made, without)
  local parts = { "airlock login" }
  for _, each in ipairs(require("airlock.cli.settings").options) do
    local lasts = each.target ~= "timeout" and each.target ~= "trace"
    if lasts and each.target ~= without then add_flag(parts, each[1], made.given[each.target]) end
  end
  return table.concat(parts, " ")
end

return words
