<?php
// Read at each request: a test writes settings.json, and the next message is made so.
$metadata[getenv('PEER_URL') . '/simplesaml/saml2/idp/metadata.php'] = [
    'host' => '__DEFAULT__',
    'privatekey' => 'idp.key',
    'certificate' => 'idp.crt',
    'auth' => 'people',
    'redirect.sign' => true,
    'redirect.validate' => true,
    ...json_decode(file_get_contents(getenv('PEER_FOLDER') . '/settings.json'), true),
];
