// Puts files into one zip archive, as they are: recordings are packed well enough already.

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});

function crc(bytes) {
  let c = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) c = TABLE[(c ^ bytes[i]) & 255] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

function record(size, ...fields) {
  const view = new DataView(new ArrayBuffer(size));
  for (const [at, bytes, value] of fields) bytes === 2 ? view.setUint16(at, value, true) : view.setUint32(at, value, true);
  return view.buffer;
}

// `files`: pairs of a name and a File, each below 4 GB. Contents are read one after the other, and not copied.
export async function zipped(files) {
  const parts = [], central = [];
  let offset = 0, length = 0;
  for (const [path, file] of files) {
    const name = new TextEncoder().encode(path), sum = crc(new Uint8Array(await file.arrayBuffer()));
    const common = [[0, 2, 20], [2, 2, 0x0800], [4, 2, 0], [10, 4, sum], [14, 4, file.size], [18, 4, file.size], [22, 2, name.length]];
    const shifted = (by) => common.map(([at, bytes, value]) => [at + by, bytes, value]);
    parts.push(record(30, [0, 4, 0x04034b50], ...shifted(4)), name, file);
    central.push(record(46, [0, 4, 0x02014b50], [4, 2, 20], ...shifted(6), [42, 4, offset]), name);
    offset += 30 + name.length + file.size;
    length += 46 + name.length;
  }
  const end = record(22, [0, 4, 0x06054b50], [8, 2, files.length], [10, 2, files.length], [12, 4, length], [16, 4, offset]);
  return new File([...parts, ...central, end], "recordings.zip", { type: "application/zip" });
}
