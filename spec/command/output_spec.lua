-- Where a result goes: into files of our own, and into nobody else's hands.

local command = require "spec.support.command"
local stage = require "spec.support.stage"

if not pcall(require, "argparse") then return end -- spec/command/command_spec.lua says so

local nobody = 65534 -- a user who isn't us
local as_root = stage.shell("id -u"):match "^0" ~= nil

describe("a result's file", function()
  after_each(stage.clear)

  -- Runs with `reader`s at the FIFOs of the folder; gives what they got.
  local function written(words, home, prepare)
    local space = stage.space()
    os.execute(("cd '%s' && chmod 755 . && mkfifo pipe && { %s; } && (cat pipe >got &)"):format(home,
      prepare or "true"))
    local said = command.run(words, { env = command.env(space), home = home })
    os.execute(("timeout 5 sh -c ': >%s/pipe'"):format(home)) -- so that the reader ends
    return said, stage.read(home .. "/got") or "", space
  end

  local function refused(said, got, what)
    assert.equal(5, said.rc, said.err)
    assert.is_truthy(said.err:find(what, 1, true), said.err)
    assert.equal("", got)
  end

  it("of a token is no FIFO, our own neither, nor a link", function()
    local home = command.home()
    local said, got = written({ "token", "-o", home .. "/pipe" }, home)
    refused(said, got, "neither a file nor a terminal")
    home = command.home()
    said, got = written({ "token", "-o", home .. "/link" }, home, "ln -s pipe link")
    refused(said, got, "it is a link")
    home = command.home()
    said = written({ "token", "-o", home .. "/link" }, home, "ln -s nowhere link")
    refused(said, "", "it is a link")
    assert.is_nil(stage.read(home .. "/nowhere"))
  end)

  it("is no FIFO of another user's, and no link that another user made", function()
    if not as_root then pending "only root can make another user's files" end
    for _, words in ipairs { { "token" }, { "request", "GET", "organization" } } do
      for name, prepare in pairs {
        pipe = "chown %d pipe && chmod 666 pipe", link = "ln -s pipe link && chown -h %d link",
      } do
        local home = command.home()
        local all = { (table.unpack or unpack)(words) }
        all[#all + 1], all[#all + 2] = "-o", home .. "/" .. name
        local said, got = written(all, home, prepare:format(nobody))
        refused(said, got, name == "pipe" and words[1] == "token" and "neither a file nor a terminal"
          or name == "link" and "it is a link" or "belongs to another user")
      end
    end
  end)

  it("of a token is no file of another user's", function()
    if not as_root then pending "only root can make another user's files" end
    local home = command.home()
    local said = written({ "token", "-o", home .. "/theirs" }, home,
      ("printf old >theirs && chown %d theirs && chmod 666 theirs"):format(nobody))
    refused(said, "", "belongs to another user")
    assert.equal("old", stage.read(home .. "/theirs"))
  end)

  it("takes no mode over from another user's", function()
    if not as_root then pending "only root can make another user's files" end
    local home = command.home()
    local said = written({ "request", "GET", "organization", "-o", home .. "/theirs" }, home,
      ("printf old >theirs && chown %d theirs && chmod 666 theirs"):format(nobody))
    assert.equal(0, said.rc, said.err)
    assert.equal("644\n", stage.shell(("stat -c %%a '%s/theirs'"):format(home)))
  end)

  it("may be our own FIFO for a body, as a shell's >(…) is, and what isn't read by anyone yet", function()
    local home = command.home()
    local said, got = written({ "request", "GET", "organization", "-o", home .. "/pipe" }, home)
    assert.equal(0, said.rc, said.err)
    assert.is_truthy(got:find("My Company", 1, true), got)
    assert.equal(0, command.run({ "token", "-o", "/dev/null" }, { env = command.env(stage.space()) }).rc)
  end)

  it("of a token replaces ours, which only we can read then", function()
    local home = command.home()
    local said = written({ "token", "-o", home .. "/ours" }, home, "printf old >ours && chmod 644 ours")
    assert.equal(0, said.rc, said.err)
    assert.equal("600\n", stage.shell(("stat -c %%a '%s/ours'"):format(home)))
    assert.is_truthy(stage.read(home .. "/ours"):find "^%S+\n$")
  end)
end)
