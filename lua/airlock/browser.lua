--- Opens a page in the user's browser. Its address is a secret for as long as a login waits for it, and other users of
--- the machine see what programs are called with. So the opener gets a file of ours alone that leads there, and none of
--- our secrets in its environment.

-- spec: spec/command/opener_spec.lua

local browser = {}

local hidden = {} -- names of variables that somebody said are secrets
local secrets = { "^AIRLOCK_", "SECRET", "TOKEN", "PASSW", "PASSPHRASE", "CREDENTIAL", "API_?KEY", "ACCESS_?KEY",
  "PRIVATE_?KEY" }

local frame = '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
  .. '<meta http-equiv="refresh" content="0; url=%s"><title>Airlock</title><a href="%s">Go on</a></html>\n'

local escapes = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

local function variable(name)
  local value = os.getenv(name)
  return value ~= "" and value or nil
end

local function first_line(command)
  local pipe = io.popen(command .. " 2>/dev/null </dev/null", "r")
  local line = pipe and pipe:read "*l"
  if pipe then pipe:close() end
  return line
end

-- A browser in a snap sees neither the runtime folder nor /tmp, but a folder of its own below the user's home.
local function snap_folder()
  local home = variable "HOME"
  local snaps = home and not variable "BROWSER" and io.open(home .. "/snap", "r")
  if not snaps then return nil end
  snaps:close()
  local name = (first_line "xdg-settings get default-web-browser" or ""):match "^([%w-]+)_[%w-]+%.desktop$"
  return name and ("%s/snap/%s/common"):format(home, name)
end

--- A file that leads to an address, readable for this user alone, in the first of these folders that no other user can
--- meddle with: that of a browser in a snap, XDG_RUNTIME_DIR, TMPDIR, /tmp.
---@param url string
---@return { uri: string, close: fun() }? leaf `uri` begins with "file://"; it is gone once it is closed or collected
---@return string? why
function browser.leaf(url)
  local server, escaped = require "airlock.server", url:gsub("[&<>\"']", escapes)
  local text, file, why = frame:format(escaped, escaped), nil, nil
  local folders = { snap_folder() or false, variable "XDG_RUNTIME_DIR" or false, variable "TMPDIR" or false, "/tmp" }
  for _, folder in ipairs(folders) do
    if folder and not file then file, why = server.private_file(folder, "open.html", text) end
  end
  if not file then return nil, why end
  local path = file:path():gsub("[^%w/._~-]", function(sign) return ("%%%02X"):format(sign:byte()) end)
  return { uri = "file://" .. path, close = function() file:close() end }
end

--- Keeps a variable of this name from the browser; those whose names say that they are secrets are kept anyway.
---@param name string
function browser.hide(name)
  hidden[name] = true
end

local function is_secret(name)
  if hidden[name] then return true end
  for _, pattern in ipairs(secrets) do
    if name:upper():find(pattern) then return true end
  end
  return false
end

--- Names of variables that the browser doesn't get.
---@return string[]
function browser.kept()
  local names = {}
  for _, name in ipairs(require("airlock.server").environment()) do
    if name:find "^[%a_][%w_]*$" and is_secret(name) then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

--- Opens it by the platform's opener, where there is a screen to show it on.
---@param uri string of a leaf
function browser.open(uri)
  local screen = variable "DISPLAY" or variable "WAYLAND_DISPLAY" or variable "BROWSER"
  local opener = screen and "xdg-open" or 'test "$(uname)" = Darwin && open'
  local kept = browser.kept()
  local unset = kept[1] and "unset " .. table.concat(kept, " ") .. "; " or ""
  os.execute(("{ %s%s '%s'; } >/dev/null 2>&1 </dev/null &"):format(unset, opener, (uri:gsub("'", "%%27"))))
end

return browser
