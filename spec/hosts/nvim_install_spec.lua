-- The snippets of docs/neovim.md, in a real Neovim of a new user: the repository is cloned into their data folder,
-- built by its one line, and found from wherever the editor is started.

local curl = require "spec.support.curl"
local lfs = require "lfs"
local nvim = require "spec.support.nvim"
local stage = require "spec.support.stage"

describe("Neovim installs Airlock", function()
  after_each(stage.clear)

  local missing = nvim.missing() or (os.getenv "AIRLOCK_UNDER" or "") ~= "" and "what is built here isn't watched"
    or stage.shell "command -v git || true" == "" and "git isn't installed"
  local page = assert(io.open "docs/neovim.md"):read "*a"
  local function snippet(name)
    return assert(page:match("\n```%l+ " .. name:gsub("%p", "%%%0") .. "\n(.-)\n```\n"), name .. " isn't in the page")
  end

  local function shell(text)
    local said = stage.shell("{ " .. text .. "\n} </dev/null 2>&1; echo \"status $?\"")
    assert(said:find "status 0\n$", said)
  end

  -- The repository as it lies here, in a repository that git finds under its address, and a user without anything.
  local function user()
    local home, origin = stage.folder(), stage.folder()
    shell(([[
      tar -c --exclude=./build --exclude=./.git --exclude=node_modules --exclude='*.so' . | tar -x -C '%s' &&
      cd '%s' && git init -q && git add -A && git -c user.name=a -c user.email=a@b commit -q -m all]]):format(origin,
      origin))
    stage.write(home .. "/gitconfig", ("[url \"file://%s\"]\n  insteadOf = https://github.com/airlock-lua/airlock\n"
      .. "[safe]\n  directory = *\n"):format(origin))
    shell(("mkdir -p '%s/config/nvim' '%s/elsewhere'"):format(home, home))
    return home
  end

  local function environment(home)
    local words = { "env -u LUA_PATH -u LUA_CPATH -u DISPLAY -u WAYLAND_DISPLAY -u BROWSER -u LUA_INIT" }
    for name, value in pairs { HOME = home, XDG_CONFIG_HOME = home .. "/config", XDG_DATA_HOME = home .. "/data",
      XDG_STATE_HOME = home .. "/state", XDG_CACHE_HOME = home .. "/cache", GIT_CONFIG_GLOBAL = home .. "/gitconfig",
      MAKEFLAGS = "-j2", CFLAGS = "-O0" } do
      words[#words + 1] = name .. "=" .. curl.quote(value)
    end
    return table.concat(words, " ")
  end

  -- What the user gets who starts it in some folder: a first token, what was loaded from where, and the check's words.
  local check = [[
    local ok, why = xpcall(function()
      local airlock = require "airlock"
      local app = airlock.space { url = URL, client_id = ID, client_secret = SECRET,
        loop = require "airlock.loop.luv" }:client_credentials {}
      local name, from
      app:get("organization", function(value, message) name = value and value.name or message end)
      vim.wait(20000, function() return name ~= nil end, 5)
      from = debug.getinfo(airlock.client, "S").source
      if HEALTH then vim.cmd "checkhealth airlock" end
      local lines = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")
      io.stdout:write(vim.fn.json_encode { name = name, from = from, health = lines,
        server = pcall(require, "airlock.server") }, "\n")
    end, debug.traceback)
    if not ok then io.stderr:write(why, "\n") vim.cmd "cquit 1" end
    vim.cmd "qall!"]]

  local function start(home, first, health)
    local space = stage.space()
    local values = { URL = space.url, ID = space.client_id, SECRET = space.client_secret, HEALTH = health }
    local script = stage.file((check:gsub("%f[%u]%u%u+%f[%U]", function(name)
      local value = values[name]
      return value ~= nil and (type(value) == "string" and ("%q"):format(value) or tostring(value)) or nil
    end)), "check.lua")
    local job = curl.shell(("cd '%s/elsewhere' && %s timeout 300 nvim --headless -i NONE -n --cmd %s -c %s </dev/null")
      :format(home, environment(home), curl.quote(first or "let g:x = 1"), curl.quote("luafile " .. script)))
    local told = nvim.wait(job)[1]
    assert(job.rc == 0 and told, job.out .. job.err)
    return told
  end

  local function expect_first_token(told, home)
    assert.equal("My Company", told.name)
    assert.is_true(told.server)
    assert.is_truthy(told.from:find(home .. "/data/", 1, true), told.from)
  end

  local function expect_good_health(told)
    assert.is_truthy(told.health:find("all of its modules load", 1, true), told.health)
    assert.is_nil(told.health:find "ERROR", told.health)
  end

  local function case(rule, f)
    it(rule, function()
      if missing then return pending(missing) end
      return f()
    end)
  end

  case("as a package without a manager, also for init.lua", function()
    local home = user()
    shell(("cd '%s' && export %s && %s"):format(home, environment(home):gsub("^env %-u.-LUA_INIT ", ""),
      snippet "packpath.sh"))
    stage.write(home .. "/config/nvim/init.lua", 'require "airlock"')
    local told = start(home, nil, true)
    expect_first_token(told, home)
    expect_good_health(told)

    -- what lies in build/ isn't needed, and is found where the copies in lua/ aren't there
    local clone = home .. "/data/nvim/site/pack/airlock/start/airlock"
    shell(("cd '%s' && rm lua/airlock/*.so && mv build/nvim build/jit && rm '%s/config/nvim/init.lua'"):format(clone,
      home))
    expect_first_token(start(home, nil, true), home)
  end)

  -- lazy.nvim in as much of it as the snippet asks for: its folder, its build line, and loading at the first require.
  local lazy = [[
    local lazy = {}
    local function run(command)
      local said = vim.fn.system(command)
      assert(vim.v.shell_error == 0, said)
    end
    function lazy.setup(plugins)
      for _, plugin in ipairs(plugins) do
        local folder = vim.fn.stdpath "data" .. "/lazy/" .. plugin[1]:match "[^/]+$"
        run("git clone -q https://github.com/" .. plugin[1] .. " " .. folder)
        run("cd " .. folder .. " && " .. plugin.build)
        table.insert(package.loaders or package.searchers, 2, function(name)
          if plugin.loaded or vim.fn.glob(folder .. "/lua/" .. name:match "^[^.]+") == "" then return end
          plugin.loaded = true
          vim.opt.runtimepath:prepend(folder)
          for _, file in ipairs(vim.fn.glob(folder .. "/plugin/*.lua", true, true)) do vim.cmd('source ' .. file) end
        end)
      end
    end
    return lazy]]

  case("as lazy.nvim is told to", function()
    local home = user()
    shell(("mkdir -p '%s/config/nvim/lua'"):format(home))
    stage.write(home .. "/config/nvim/lua/lazy.lua", lazy)
    stage.write(home .. "/config/nvim/init.lua", snippet "lazy.lua")
    local told = start(home, nil, true)
    expect_first_token(told, home)
    expect_good_health(told)
  end)

  case("as vim.pack is told to", function()
    local version = stage.shell "nvim --version":match "v(%d+%.%d+)"
    if tonumber(version:match "%.(%d+)") < 12 and version:find "^0" then
      return pending(("Neovim %s has no vim.pack"):format(version))
    end
    local home = user()
    stage.write(home .. "/config/nvim/init.lua", snippet "pack.lua")
    local told = start(home, "lua vim.fn.confirm = function() return 1 end", true) -- the user says yes
    expect_first_token(told, home)
    expect_good_health(told)
  end)

  case("as the rock that rocks.nvim takes", function()
    if stage.shell "command -v luarocks || true" == "" then return pending "luarocks isn't installed" end
    if stage.shell "command -v lua5.1 || true" == "" then return pending "luarocks builds it for lua5.1" end
    local home = user()
    -- what a rock server would give: the rock of this checkout, whose dependencies the system has
    local install, found = snippet("rocks.sh"):gsub("install airlock",
      "make --deps-mode=none rockspec/airlock-scm-1.rockspec CFLAGS='-O0 -fPIC'")
    assert.equal(1, found)
    shell(("git config --file '%s/gitconfig' --get-regexp url >/dev/null && export %s && "
      .. "git clone -q https://github.com/airlock-lua/airlock '%s/rock' && cd '%s/rock' && %s"):format(home,
      environment(home):gsub("^env %-u.-LUA_INIT ", ""), home, home, install))
    stage.write(home .. "/config/nvim/init.lua", snippet "rocks.lua" .. '\nrequire "airlock"')
    local told = start(home, "let g:x = 1", false)
    expect_first_token(told, home)
    assert.equal("directory", lfs.attributes(home .. "/data/nvim/rocks/lib/lua/5.1/airlock", "mode"))
  end)
end)
