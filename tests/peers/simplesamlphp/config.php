<?php
// SimpleSAMLphp as an identity provider for the tests. What belongs to one run stands in PEER_FOLDER.
$folder = getenv('PEER_FOLDER');
$config = [
    'baseurlpath' => getenv('PEER_URL') . '/simplesaml/',
    'certdir' => "$folder/",
    'loggingdir' => "$folder/",
    'datadir' => "$folder/",
    'tempdir' => "$folder/tmp",
    'metadatadir' => __DIR__ . '/metadata',
    'attributenamemapdir' => '/etc/simplesamlphp/attributemap/',
    'secretsalt' => 'the same for the whole run, so that a persistent NameID stays',
    'auth.adminpassword' => bin2hex(random_bytes(16)),
    'technicalcontact_email' => 'it@acme.example',
    'admin.checkforupdates' => false,
    'timezone' => 'UTC',
    'logging.handler' => 'file',
    'logging.level' => SimpleSAML\Logger::INFO,
    'trusted.url.domains' => [getenv('PEER_HOST')],
    'enable.saml20-idp' => true,
    'module.enable' => ['exampleauth' => true, 'core' => true, 'saml' => true],
    // As it comes, but for http.
    'session.cookie.secure' => false,
    'session.cookie.samesite' => 'Lax',
    'language.cookie.secure' => false,
    'language.cookie.samesite' => 'Lax',
    'store.type' => 'phpsession',
    // Our metadata, in the file that its admin would download.
    'metadata.sources' => [['type' => 'flatfile'], ['type' => 'xml', 'file' => "$folder/service-provider.xml"]],
];
