// npm's medici as one side of the ledger benchmark: commanded by JSON lines on standard input,
// each answered by one JSON line on standard output; the end of the input ends it.

const readline = require("node:readline");
const { performance } = require("node:perf_hooks");
const mongoose = require("mongoose");
const medici = require("medici");

const BOOK = "benchmark";
const BUDGET = "Budgets:hot";
const VETERAN = "Wallets:veteran";
const FUNDED = 1_000_000_000;
const AT_ONCE = 10_000;

// Without snapshots: an account here has few entries, and its snapshot would make medici walk all
// that was posted to any account since. (It is the faster of the two ways here.)
const book = new medici.Book(BOOK, { balanceSnapshotSec: 0 });
const snapshotting = new medici.Book(BOOK);

const sizes = { tasks: 0, wallets: 0, history: 0 };
const some = (count) => Math.floor(Math.random() * count);

// The way its README shows for an account that may not go below zero: write the entry, ask for
// the balance, reject when it is negative, lock the paying account last.
function paid(from, to, amount) {
  return medici.mongoTransaction(async (session) => {
    await book.entry("reward").debit(from, amount).credit(to, amount).commit({ session });
    const after = await book.balance({ account: from }, { session });
    if (after.balance < 0) throw new Error("not enough");
    await book.writelockAccounts([from], { session });
  });
}

async function summed(ledger) {
  const found = await ledger.balance({ account: VETERAN });
  if (found.balance !== sizes.history) throw new Error(`a balance of ${found.balance}`);
}

const acts = {
  reward: () => paid(`Tasks:t${some(sizes.tasks)}`, `Wallets:w${some(sizes.wallets)}`, 10),
  hot: () => paid(BUDGET, `Wallets:w${some(sizes.wallets)}`, 10),
  balance_scan: () => summed(book),
  balance_snapshot: () => summed(snapshotting),
};

async function slot({ kind, clients, slot_s: slotS }) {
  const act = acts[kind];
  const durations = [];
  const beganAt = performance.now();
  const endsAt = beganAt + slotS * 1000;
  async function client() {
    let before = performance.now();
    while (before < endsAt) {
      await act();
      const after = performance.now();
      durations.push(after - before);
      before = after;
    }
  }
  await Promise.all(Array.from({ length: clients }, client));
  return { done: durations.length, spent_s: (performance.now() - beganAt) / 1000, ms: durations };
}

async function open(asked) {
  Object.assign(sizes, asked.sizes);
  await medici.initModels();
  return {};
}

// Every task and the hot budget get their coins in entries of many legs, outside the timed slots.
async function prepare() {
  const tasks = Array.from({ length: sizes.tasks }, (_, number) => `Tasks:t${number}`);
  const names = [BUDGET, ...tasks];
  const entry = book.entry("grant").debit("Issued", FUNDED * names.length);
  for (const name of names) entry.credit(name, FUNDED);
  await entry.commit();
  return {};
}

// One wallet with a long history: one entry made by medici, then copies of what it stored.
async function history() {
  const entries = sizes.history;
  await book.entry("reward").debit("Issued", 1).credit(VETERAN, 1).commit();
  const transactions = mongoose.connection.collection("medici_transactions");
  const journals = mongoose.connection.collection("medici_journals");
  const journal = await journals.findOne({ book: BOOK });
  const legs = await transactions.find({ book: BOOK }).toArray();
  for (let made = 1; made < entries; made += AT_ONCE) {
    const entriesNow = [];
    const legsNow = [];
    for (let number = made; number < Math.min(entries, made + AT_ONCE); number += 1) {
      const _id = new mongoose.Types.ObjectId();
      const own = legs.map((leg) => ({
        ...leg,
        _id: new mongoose.Types.ObjectId(),
        _journal: _id,
      }));
      entriesNow.push({ ...journal, _id, _transactions: own.map((leg) => leg._id) });
      legsNow.push(...own);
    }
    await journals.insertMany(entriesNow);
    await transactions.insertMany(legsNow);
  }
  return {};
}

// What one reward leaves in the database, for the test of this file.
async function counted() {
  const count = (name) => mongoose.connection.collection(name).countDocuments();
  return { journals: await count("medici_journals"), legs: await count("medici_transactions") };
}

const commands = { open, prepare, history, slot, counted };

async function main() {
  await mongoose.connect(process.argv[2], { w: "majority", journal: true });
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const asked = JSON.parse(line);
    let answer;
    try {
      answer = await commands[asked.do](asked);
    } catch (error) {
      answer = { error: String(error && error.stack ? error.stack : error) };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
  await mongoose.disconnect();
}

main();
