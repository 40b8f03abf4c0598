--- Projects of a JetBrains Space organization in the editor, on behalf of its user.
local M = {}

local client, user, paste -- the application, its user's session, and what takes a pasted address while a login waits
local config = {}

--- @param given { url: string, client_id: string, open: fun(url: string, paste: function)? }
function M.setup(given)
  config, client, user = given, nil, nil
end

local function say(text, level)
  vim.notify("Space: " .. text, level or vim.log.levels.INFO)
end

local function space()
  client = client or require("airlock").space {
    url = config.url, client_id = config.client_id, loop = require "airlock.loop.luv",
  }
  return client
end

-- Opens the page as Airlock does by itself, and keeps the way to paste for :SpacePaste.
local function open(url, take)
  paste = take
  local way = config.open or require("airlock.loop.luv").open
  way(url, take)
end

-- Gives the session of a logged-in user to f, in a coroutine where calls may wait.
local function with_user(f)
  require("airlock.loop.luv").spawn(function()
    local message
    if not user then user, message = space():login { scope = "**", open = open } end
    paste = nil
    if user then f(user) else say(message, vim.log.levels.ERROR) end
  end)
end

function M.login()
  with_user(function(session)
    local me, message = session:get "team-directory/profiles/me"
    say(me and "logged in as " .. me.username or message)
  end)
end

function M.paste()
  if not paste then return say "no login waits" end
  vim.ui.input({ prompt = "The address that the browser ended at: " }, function(address)
    if address and paste and not paste(address) then say("that isn't the address", vim.log.levels.WARN) end
  end)
end

function M.projects()
  with_user(function(session)
    local lines = {}
    for project in session:each "projects" do lines[#lines + 1] = ("%s\t%s"):format(project.key.key, project.name) end
    vim.cmd "new" -- Airlock's loop goes on where vim.api may be used
    vim.cmd "setlocal buftype=nofile bufhidden=wipe"
    vim.api.nvim_buf_set_lines(0, 0, -1, false, lines)
  end)
end

function M.logout()
  if not user then return say "nobody is logged in" end
  user:logout(function(done, message)
    user = nil
    say(done and "logged out" or message)
  end)
end

return M
