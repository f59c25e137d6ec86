// Upload a file with tus-js-client, in two runs when told to stop after so many bytes; prints the address.
import { createReadStream } from 'node:fs'
import * as tus from 'tus-js-client'

const { endpoint, headers, metadata, file, size, chunkSize, stopAfter, uploadUrl } = JSON.parse(process.argv[2])

const upload = new tus.Upload(createReadStream(file), {
  endpoint,
  uploadUrl,
  headers,
  metadata,
  chunkSize,
  uploadSize: size,
  retryDelays: [0, 200, 1000, 3000, 5000],
  onError: (error) => {
    console.error(String(error))
    process.exit(1)
  },
  onChunkComplete: (_, accepted) => {
    if (stopAfter && accepted >= stopAfter) {
      console.log(upload.url)
      process.exit(0)
    }
  },
  onSuccess: () => console.log(upload.url),
})
upload.start()
