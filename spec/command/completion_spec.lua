-- Completion in the real shells, and the man page: made from the descriptions of the subcommands.

local cli = require "airlock.cli"
local command = require "spec.support.command"
local stage = require "spec.support.stage"

if not pcall(require, "argparse") then return end -- spec/command/command_spec.lua says so

local function need(program)
  if stage.shell("command -v " .. program) == "" then pending(program .. " isn't installed") end
end

-- A folder with the command in it, by its name, for PATH.
local function folder()
  local home = command.home()
  local file = assert(io.open(home .. "/airlock", "w"))
  file:write("#!/bin/sh\nexec " .. command.line {} .. ' "$@"\n')
  file:close()
  os.execute(("chmod 755 '%s/airlock'"):format(home))
  command.configure(home, "return { default = 'work', work = {}, other = {} }")
  return home
end

local function lines(text)
  local found = {}
  for line in text:gmatch "[^\r\n]+" do found[#found + 1] = line end
  table.sort(found)
  return found
end

-- What stands before the cursor, and what a shell offers there.
local expected = {
  { "airlock re", { "refresh", "request" } },
  { "airlock request --pa", { "--page-all" } },
  { "airlock request P", { "PATCH", "POST", "PUT" } },
  { "airlock token --grant p", { "password", "permanent_token" } },
  { "airlock token --profile ", { "other", "work" } },
  { "airlock completion z", { "zsh" } },
}

local known = {}
for _, each in ipairs(cli.commands()) do known[each.name] = true end
if not known.refresh then expected[1][2] = { "request" } end

describe("completion", function()
  after_each(stage.clear)

  local function run(script, text, home)
    local path = stage.file(text)
    local said = command.run({}, { home = home, env = { PATH = home .. ":" .. os.getenv "PATH" },
      shell = script:gsub("FILE", path) })
    assert.equal("", said.err)
    return said.out
  end

  it("works in bash", function()
    need "bash"
    local home, text = folder(), [[
source <(airlock completion bash)
offer () { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _airlock; printf '%s\n' "${COMPREPLY[@]}" --; }
]]
    for _, each in ipairs(expected) do
      text = text .. "offer " .. each[1]:gsub(" $", " ''") .. "\n"
    end
    text = text .. "offer airlock token --grant = pa\n"
    local out, i = run("bash FILE", text, home), 0
    for part in out:gmatch "(.-)%-%-\n" do
      i = i + 1
      assert.same(expected[i] and expected[i][2] or { "password" }, lines(part))
    end
    assert.equal(#expected + 1, i)
  end)

  it("works in fish", function()
    need "fish"
    local home, text = folder(), "airlock completion fish | source\n"
    for _, each in ipairs(expected) do text = text .. ("complete -C %s\necho ==\n"):format(command.quote(each[1])) end
    local out, i = run("fish --no-config FILE", text, home), 0
    for part in out:gmatch "(.-)==\n" do
      i = i + 1
      assert.same(expected[i][2], lines((part:gsub("\t[^\n]*", ""))))
    end
    assert.equal(#expected, i)
  end)

  it("works in zsh", function()
    need "zsh"
    -- a zsh at a terminal of its own, where each Tab prints what is offered
    local home, text = folder(), [=[
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z 'PS1= PS2=; unsetopt zle_bracketed_paste prompt_cr prompt_sp'
zpty -w z 'autoload -U compinit; compinit -D -u; source <(airlock completion zsh)'
zpty -w z 'compadd () { local -a found
if [[ ${@[1,(i)(-|--)]} != *-(O|A|D)\ * ]]; then
builtin compadd -A found "$@"; print -rl -- "+"$^found; fi; builtin compadd "$@"; }'
zpty -w z 'offer () { print; zle complete-word; print; print -r -- E"ND"; zle kill-buffer; }
zle -N offer; bindkey "^I" offer; setopt no_list_beep'
read_to () { local line; while zpty -r z line; do print -r -- "$line"; [[ $line == *$1* ]] && break; done }
zpty -w z 'print RE"ADY"'
read_to READY >/dev/null
]=]
    for _, each in ipairs(expected) do
      text = text .. ("zpty -w -n z %s$'\\t'\nread_to END\n"):format(command.quote(each[1]))
    end
    local out, i = run("timeout 30 zsh -f FILE", text .. "zpty -d z\n", home), 0
    for part in out:gmatch "(.-)END" do
      i = i + 1
      local offered = {}
      for word in part:gmatch "%+([%w_-]+)" do offered[word] = true end
      local found = {}
      for word in pairs(offered) do found[#found + 1] = word end
      table.sort(found)
      assert.same(expected[i] and expected[i][2], found, part)
    end
    assert.equal(#expected, i)
  end)

  it("gives the names of profiles, and nothing where there are none", function()
    assert.equal("other\nwork\n", command.run({ "completion", "profiles" }, { home = folder() }).out)
    assert.equal("", command.run({ "completion", "profiles" }).out)
  end)
end)

describe("what is made from the descriptions", function()
  it("is what lies in share/man and share/completion (make pages)", function()
    local commands, manual = cli.commands(), dofile "tools/pages/manual.lua"
    local made = {
      ["share/man/airlock.1"] = manual.page(commands, require("airlock.cli.settings").options),
      ["share/completion/airlock.bash"] = require "airlock.cli.shells.bash"(commands),
      ["share/completion/_airlock"] = require "airlock.cli.shells.zsh"(commands),
      ["share/completion/airlock.fish"] = require "airlock.cli.shells.fish"(commands),
    }
    for path, text in pairs(made) do assert.is_true(stage.read(path) == text, path .. " is old: run make pages") end
  end)

  it("is a man page that mandoc and man find nothing wrong with", function()
    local checked
    if stage.shell "command -v mandoc" ~= "" then
      assert.equal("", stage.shell "mandoc -Tlint -Wwarning share/man/airlock.1 2>&1")
      checked = true
    end
    if stage.shell "command -v man" ~= "" then
      assert.equal("", stage.shell "MANPAGER=cat man --warnings -l share/man/airlock.1 2>&1 >/dev/null")
      checked = true
    end
    if not checked then pending "neither mandoc nor man is installed" end
  end)
end)
