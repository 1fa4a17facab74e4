/** All that is kept of images in one place: things by their digest, names, leases. */
import { contentIn, type Content } from './content.ts'
import { imagesIn, type Images } from './images.ts'
import { leasesIn, type Leases } from './leases.ts'
import { openMetadata, type Metadata } from './metadata.ts'
import { dataDirectory, makePlaces, placesIn, type Places } from './places.ts'
import { asNoRoom } from './room.ts'

// #region store
export interface Store extends Disposable {
  directory: string
  places: Places
  metadata: Metadata
  content: Content
  images: Images
  leases: Leases
}

/** @param directory made when it is not there. Several processes may have it open. */
export function openStore(directory = dataDirectory()): Store {
  const places = placesIn(directory)
  const metadata = openMetadata(places.metadata)
  makePlacesOrSay(places, directory)
  const leases = leasesIn(metadata)
  const content = contentIn({ directory, places, metadata, leases })
  const images = imagesIn(metadata)
  return { directory, places, metadata, content, images, leases, [Symbol.dispose]: () => metadata.close() }
}
// #endregion store

function makePlacesOrSay(places: Places, directory: string): void {
  try {
    makePlaces(places)
  } catch (error) {
    throw asNoRoom(error, directory)
  }
}
