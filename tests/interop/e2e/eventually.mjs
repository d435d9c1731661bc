// Asks again until the answer is true, or throws after 30 s.
export async function eventually(ask) {
  for (const end = Date.now() + 30_000; Date.now() < end; await new Promise((resume) => setTimeout(resume, 20))) {
    const answer = await ask();
    if (answer) return answer;
  }
  throw new Error(`This did not come true in time: ${ask}`);
}
