/** distribution-spec, "Listing Referrers". */
import { OCI_INDEX } from '../../oci/media-types.ts'
import { digestIn, type Call } from './call.ts'
import type { Reply } from './refusal.ts'

// #region referrers
export function listReferrers({ repositories, name, parameter, query }: Call): Reply {
  const kind = query.get('artifactType')
  const all = repositories.referrers(name, digestIn(parameter))
  const manifests = all.filter(({ artifactType }) => kind === null || artifactType === kind)
  return {
    status: 200,
    headers: { 'content-type': OCI_INDEX, ...(kind !== null && { 'oci-filters-applied': 'artifactType' }) },
    body: JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }),
  }
}
// #endregion referrers
