// Argot's client on a network of another make.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { eventually } from './eventually.mjs';
import { OtherNetwork } from './other_network.mjs';

export function elsewhere(scene) {
  for (const [route, hops] of Object.entries({ direct: 0, onion: 4 }))
    describe(`${route} calls`, () => {
      it('two accounts of Argot converse over nodes that know no extension', async () => {
        const { argot } = scene;
        const network = new OtherNetwork(argot.dir, 9);
        await network.start();
        try {
          const list = join(argot.dir, `elsewhere-${route}.txt`);
          writeFileSync(list, network.lines());
          const there = ['--set', `transport.route=${route}`, '--set', `directory.file=${list}`];
          const bot = await argot.newAccount(`elsewhere-bot-${route}`);
          const person = await argot.newAccount(`elsewhere-person-${route}`);
          const bots = `elsewhere-bot-${route}`;
          argot.start(bots, ['run', bot.profile, ...there, '--set', 'app=echo']);
          const watch = `elsewhere-watch-${route}`;
          const [sent] = await argot.json('send', '--profile', person.profile, ...there, bot.id, 'Hello there');
          assert.equal(sent.state, 'sent');
          argot.start(watch, ['--json', 'watch', '--profile', person.profile, ...there]);
          const echo = await argot.said(watch, 'Hello there');
          assert.deepEqual([echo.author, echo.direction], [bot.id, 'incoming']);

          // They ask again and again, but not all the time: every 200 ms, says the profile.
          const retrieves = () => network.seen.filter(({ method }) => method === 'retrieve').length;
          const [begin, before] = [Date.now(), retrieves()];
          await eventually(() => retrieves() >= before + 10);
          const each = (Date.now() - begin) / 10;
          assert.ok(each >= 50, `one retrieve every ${each} ms`);

          for (const name of [bots, watch]) {
            const { code, log } = await argot.end(name);
            assert.equal(code, 0, log);
          }
          assert.deepEqual(network.complaints, []);
          const calls = network.seen.filter(({ method }) => method === 'store' || method === 'retrieve');
          assert.deepEqual([...new Set(calls.map((call) => call.hops))], [hops]);
        } finally {
          network.stop();
        }
      });
    });
}
